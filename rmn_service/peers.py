"""Other nodes' audit logs, watched: each node keeps what the others signed, so that none can quietly forget.

    every half minute   sign our own head · ask every peer for its own · check that its log goes on from what it was

A peer that can't be asked is nothing but silent. A head that contradicts an earlier one, or rows that do not lead from
the earlier head to the new one, is an alert, with both signed heads stored as evidence.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import structlog

from ccip_core.signers import SignerError
from detectors.detector import Severity
from rmn_service.alerts import Alert
from rmn_service.audit_chain import AuditHead, verify_chain
from rmn_service.audit_export import rows_of
from rmn_service.audit_heads import HeadError, SignedHead, head_of, latest, moved_back, sign_head

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ccip_core.signers import Signer
    from rmn_service.alerts import Notifier
    from rmn_service.config import PeerConfig
    from rmn_service.store import Store

log = structlog.get_logger()

PEERS_S = 30
KIND = "peer_head"
"""Under which peers' heads stand in the store's documents: the last of each hour, and every one that contradicts."""
_HOUR_MS = 3_600_000
_TIMEOUT_S = 5.0
_AT_ONCE = 8
_PAGE, _PAGES = 1000, 5
"""Rows that are asked for in one round; a peer that is further ahead is followed in the next ones."""
_ANSWER_BYTES_MAX = 16 << 20


class Peers:
    """Our own signed head, and what the others signed."""

    def __init__(
        self,
        peers: Sequence[PeerConfig],
        signer: Signer | None,
        store: Store,
        notifier: Notifier,
        clock: Callable[[], int],
    ) -> None:
        self._peers = peers
        self._signer = signer
        self._store = store
        self._notifier = notifier
        self._clock = clock
        self._own: SignedHead | None = None

    @property
    def signer(self) -> bytes | None:
        """Whose key signs our head."""
        return None if self._signer is None else self._signer.address

    @property
    def own(self) -> SignedHead | None:
        """Our head as last signed; None without a signing key or before the first round."""
        return self._own

    def heads(self) -> list[dict[str, Any]]:
        """Every head of a peer that is kept, oldest first."""
        return self._store.all(KIND)

    def exchange(self) -> None:
        """One round. Waits for peers, so it runs on a job's thread."""
        now_ms = self._clock()
        self.sign(now_ms)
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:  # a peer that hangs delays no other
            rounds = [pool.submit(self._try, peer, now_ms) for peer in self._peers]
        for done in rounds:
            done.result()  # what nobody foresaw is the job's failure, not silence

    def _try(self, peer: PeerConfig, now_ms: int) -> None:
        try:
            self._follow(peer, now_ms)
        except (httpx.HTTPError, httpx.InvalidURL, HeadError, ValueError) as error:
            log.warning("peer's audit head not had", peer=peer.name, error=type(error).__name__)

    def sign(self, now_ms: int) -> None:
        """Sign our own head, if it moved."""
        if self._signer is None:
            return
        head = self._store.audit_head()
        if self._own is None or self._own.head != head:
            try:
                self._own = sign_head(self._signer, head, now_ms)
            except SignerError as error:  # the last one stands; peers see an older end, which is true
                log.warning("audit head not signed", error=str(error))

    def _follow(self, peer: PeerConfig, now_ms: int) -> None:
        now = head_of(_get(f"{peer.base}/audit/head")["head"])
        if now.signer != peer.signer:
            self._accuse(peer, now, f"its head is signed by 0x{now.signer.hex()}, not by its own key", now_ms)
            return
        before = latest(self.heads(), peer.signer)
        if before is not None:
            fault = moved_back(before, now)
            if fault is None and now.head.sequence > before.head.sequence:
                fault = _broken_way(peer, before.head, now.head)
            if fault is not None:
                self._accuse(peer, now, fault, now_ms)
                return
        document = now.document() | {"peer": peer.name, "fault": None}
        self._store.put(KIND, f"{peer.signer.hex()}:{now_ms // _HOUR_MS}", document, now_ms)

    def _accuse(self, peer: PeerConfig, now: SignedHead, fault: str, now_ms: int) -> None:
        document = now.document() | {"peer": peer.name, "fault": fault}
        self._store.put(KIND, f"{peer.signer.hex()}:{now.head.sequence}:{now.head.hash.hex()}", document, now_ms)
        text = f"{peer.name} {fault}. Both signed heads are kept: GET /audit/heads. See docs/runbook.md."
        title = f"the audit log of {peer.name} is not what it was"
        self._notifier.notify(Alert("peer_audit", peer.name, Severity.CRITICAL, title, text, now_ms))


def _broken_way(peer: PeerConfig, before: AuditHead, now: AuditHead) -> str | None:
    """Why the peer's rows do not lead from one head to the other; None when they do, or were not all asked for."""
    reached = before
    for _ in range(_PAGES):
        rows = rows_of(_get(f"{peer.base}/audit?after={reached.sequence}&limit={_PAGE}"))
        rows = [row for row in rows if row.sequence <= now.sequence]
        broken = verify_chain(rows, after=reached)
        if broken is not None:
            return f"shows audit row {broken.sequence} that {broken.reason}"
        if not rows:
            return f"shows no audit row {reached.sequence + 1}, though it signed {now.sequence}"
        reached = AuditHead(rows[-1].sequence, rows[-1].hash)
        if reached.sequence == now.sequence:
            return None if reached == now else f"signed another audit row {now.sequence} than it shows"
    return None


def _get(url: str) -> Any:
    with httpx.stream("GET", url, timeout=_TIMEOUT_S) as response:
        response.raise_for_status()
        content = b""
        for part in response.iter_bytes():
            content += part
            if len(content) > _ANSWER_BYTES_MAX:
                raise HeadError("the answer is longer than any audit page")
    answer = httpx.Response(200, content=content).json()
    if not isinstance(answer, dict):
        raise HeadError("not an answer of an RMN node")
    return answer
