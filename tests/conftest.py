"""Hypothesis profiles: few examples in everyday runs, many in `make verify`. Failing examples replay by themselves."""

from hypothesis import HealthCheck, settings

settings.register_profile("everyday", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("verify", deadline=None, max_examples=2_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("everyday")
