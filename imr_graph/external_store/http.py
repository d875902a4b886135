"""HTTP with an external store: requests that end, answers that stream, and failures in one sentence each."""

from __future__ import annotations

import io
import weakref
from collections.abc import Generator, Mapping
from contextlib import suppress
from typing import Any, Final

from imr_graph.errors import StoreError, UsageError
from imr_graph.external_store.address import PASSWORD_VARIABLE, TOKEN_VARIABLE, USER_VARIABLE, Address

try:
    import httpx
except ImportError:  # the extra is not there
    raise UsageError(
        "Talking to an external store needs one more library: pip install 'imr-graph[endpoint]'."
    ) from None

__all__ = ["RequestRefusedError", "ResponseStream", "StoreClient", "find_row_limit", "timeout_form"]

_CONNECT: Final = 10.0  # seconds
_LEAST_MILLISECONDS: Final = 1000  # Virtuoso takes no notice of less
_LONGEST_REASON: Final = 300
_MOST_READ: Final = 64 * 1024  # bytes of an error's text
# Virtuoso says so where it left rows out, and nowhere else in the answer.
_CUT_HEADERS: Final = ("x-sparql-maxrows", "x-sql-state")


class RequestRefusedError(UsageError):
    """A request that the store understood and refused (4xx); `status` is that of HTTP, `reason` its first line."""

    def __init__(self, sentence: str, status: int, reason: str) -> None:
        super().__init__(sentence)
        self.status, self.reason = status, reason


class StoreClient:
    """A client of one server; connections are kept and used again.

    `name` is what the server is called in sentences, by default its URL. `seconds` is how long a silence may last.
    """

    def __init__(self, address: Address, *, seconds: float = 300.0, name: str | None = None) -> None:
        self.address, self.name = address, name or address.shown
        self._client = httpx.Client(
            timeout=httpx.Timeout(seconds, connect=_CONNECT),
            auth=_Login(address) if address.user or address.token else None,
            headers={"user-agent": "imr-graph"},
        )
        self._end = weakref.finalize(self, self._client.close)

    def close(self) -> None:
        """Close all connections; this also happens when the last reference goes."""
        self._end()

    def send(
        self,
        method: str,
        url: str,
        *,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """Send a request and return the response with its body still to come, to be closed by the caller.

        Raises StoreError where the server cannot be reached, fails, or does not let one in, RequestRefusedError for
        what it refuses.
        """
        made = self._client.build_request(
            method, httpx.URL(url).copy_merge_params(parameters or {}), headers=headers, data=form, content=content
        )
        try:
            try:
                response = self._client.send(made, stream=True)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                # most likely a kept connection that the server had just closed
                response = self._client.send(made, stream=True)
        except httpx.HTTPError as error:
            raise StoreError(self._connection_sentence(error)) from None
        if response.is_success:
            return response
        try:
            raise self._failure(response)
        finally:
            response.close()

    def _connection_sentence(self, error: httpx.HTTPError) -> str:
        if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
            return f"{self.name} cannot be reached ({_line(str(error))}): check the address, and that the server runs."
        if isinstance(error, httpx.TimeoutException):
            return f"{self.name} did not answer in time: ask for less at a time, or raise the server's own limit."
        return f"{self.name} broke the connection off ({_line(str(error)) or type(error).__name__}): try again."

    def _failure(self, response: httpx.Response) -> Exception:
        status, reason = response.status_code, _first_line(response)
        said = f"{status}: {reason}" if reason else str(status)
        if status in (401, 403):
            return StoreError(
                f"{self.name} does not let this request in ({said}): set {USER_VARIABLE} and {PASSWORD_VARIABLE}, or "
                f"{TOKEN_VARIABLE}."
            )
        if 300 <= status < 400:
            return StoreError(
                f"{self.name} has moved to {response.headers.get('location', 'elsewhere')}: use that URL."
            )
        if status == 404:
            return StoreError(f"{self.name} has nothing at this address ({said}): check the path of the URL.")
        if status in (408, 429) or status >= 500:
            return StoreError(f"{self.name} failed to answer ({said}).")
        return RequestRefusedError(f"{self.name} refuses the request ({said}).", status, reason)


class ResponseStream(io.RawIOBase):
    """The body of a response as a file that is read as it comes; it closes the response at its end."""

    def __init__(self, response: httpx.Response, name: str) -> None:
        self._response, self._pieces, self._name = response, response.iter_bytes(), name
        self._rest = b""

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what has come; 0 at the end. Raises OSError where the connection breaks."""
        while not self._rest:
            try:
                self._rest = next(self._pieces)
            except StopIteration:
                self._response.close()
                return 0
            except (httpx.HTTPError, httpx.StreamError) as error:
                raise OSError(f"{self._name} broke its answer off ({type(error).__name__})") from None
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def close(self) -> None:
        """Let go of the response, whether it has ended or not."""
        with suppress(httpx.HTTPError):
            self._response.close()
        super().close()


class _Login(httpx.Auth):
    """Name and password in the way that the server asks for (Basic, Digest), or a bearer token."""

    def __init__(self, address: Address) -> None:
        self._token, self._user, self._password = address.token, address.user, address.password or ""
        self._way: httpx.Auth | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send a request, and once more where the server asks who it is from."""
        if self._token:
            request.headers["authorization"] = f"Bearer {self._token}"
            yield request
            return
        if self._way is None:
            response = yield request
            asked = response.headers.get("www-authenticate", "").lower()
            if response.status_code != 401 or self._user is None:
                return
            digest = "digest" in asked
            self._way = (httpx.DigestAuth if digest else httpx.BasicAuth)(self._user, self._password)
        yield from self._way.auth_flow(request)


def find_row_limit(response: httpx.Response) -> str | None:
    """Return at how many rows a server cut its answer off, None where it did not."""
    return next((response.headers[name] for name in _CUT_HEADERS if name in response.headers), None)


def timeout_form(seconds: float) -> dict[str, str]:
    """Return the parameter of a request that tells a store its time; those that do not know it pass it over."""
    return {"timeout": str(max(_LEAST_MILLISECONDS, round(seconds * 1000)))}


def _first_line(response: httpx.Response) -> str:
    """Return the first line of an error's text, without marks of HTML."""
    read = b""
    with suppress(httpx.HTTPError, httpx.StreamError):
        for piece in response.iter_bytes():
            read += piece
            if len(read) > _MOST_READ:
                break
    text = read.decode("utf-8", "replace")
    if "html" in response.headers.get("content-type", ""):
        return ""
    return next((_line(line) for line in text.splitlines() if line.strip()), "")


def _line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + " ..."
