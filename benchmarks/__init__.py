"""Side by side with what people would use instead. Every line is a ratio of two figures from the same run."""
