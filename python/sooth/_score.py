"""Asks an endpoint over HTTP."""

from __future__ import annotations

import base64
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Dict, Mapping, Optional, Tuple

from ._errors import SoothError
from ._tensors import HEADER_LENGTH, read_answer, write_request

def score(
    url: str,
    data: Any,
    *,
    endpoint: Optional[str] = None,
    key: Optional[str] = None,
    timeout: float = 60.0,
    **parameters: Any,
) -> Any:
    """Asks the endpoint at `url` (of several on a server, the one called `endpoint`).

    data: rows (a data frame, or a list of mappings or lists); a text, for a match; the bytes or
        the path object of a picture; a mapping, which is sent as it is, or of arrays by a network's
        input names, which are sent as Open Inference tensors and come back as such.
    key: what the server asks for; without it, the variable SOOTH_KEY.
    parameters: what the request says beside the data, such as top_k=3 or method="predict_proba".
    """
    base = url.rstrip("/")
    if _is_tensors(data):
        return _score_tensors(base, data, endpoint, _Call(key, timeout))
    path = "/score" if endpoint is None else f"/endpoints/{urllib.parse.quote(endpoint)}/score"
    body, content = _body(data, parameters)
    return _Call(key, timeout).ask(base + path, body, content)


class _Call:
    def __init__(self, key: Optional[str], timeout: float) -> None:
        self._key = key if key is not None else os.environ.get("SOOTH_KEY")
        self._timeout = timeout

    def ask(self, url: str, body: Optional[bytes], content: str) -> Any:
        """What the server answers in JSON."""
        answer, _ = self.fetch(url, body, {"Content-Type": content, "Accept": "application/json"})
        return _parse(url, answer)

    def fetch(
        self, url: str, body: Optional[bytes], headers: Dict[str, str]
    ) -> Tuple[bytes, Mapping[str, str]]:
        if self._key:
            headers = {**headers, "Authorization": f"Bearer {self._key}"}
        try:
            request = urllib.request.Request(url, body, headers)
            # A key goes to nobody whom a proxy or a redirection names.
            opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
            with opener.open(request, timeout=self._timeout) as answer:
                return answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            with error:
                raise SoothError(_said(error.read()) or str(error), status=error.code) from None
        except (urllib.error.URLError, OSError) as error:
            raise SoothError(f"{url}: {getattr(error, 'reason', error)}") from None


def _parse(url: str, text: bytes) -> Any:
    try:
        return json.loads(text.decode("utf-8"))
    except ValueError:
        raise SoothError(f"{url}: expected JSON, got something else") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _said(body: bytes) -> str:
    """The message of an error, in whichever form it came."""
    text = body.decode("utf-8", "replace")
    try:
        document = json.loads(text)
    except ValueError:
        return text.strip()
    if isinstance(document, dict):
        return str(document.get("message") or document.get("error") or text)
    return text.strip()


def _is_tensors(data: Any) -> bool:
    return (
        isinstance(data, Mapping)
        and bool(data)
        and all(hasattr(each, "shape") and hasattr(each, "dtype") for each in data.values())
    )


def _body(data: Any, parameters: Mapping[str, Any]) -> Tuple[bytes, str]:
    if isinstance(data, os.PathLike):
        with open(data, "rb") as file:
            data = file.read()
    if isinstance(data, (bytes, bytearray)):
        if parameters:
            document: Any = {"input": base64.b64encode(bytes(data)).decode("ascii")}
            return _json({**document, **parameters})
        return bytes(data), "application/octet-stream"
    if isinstance(data, str):
        return _json({"input": data, **parameters})
    if isinstance(data, Mapping):
        return _json({**data, **parameters})
    if hasattr(data, "to_dict") and hasattr(data, "columns"):
        columns = [str(each) for each in data.columns]
        rows: Dict[str, Any] = {"columns": columns, "data": data.to_numpy(dtype=object).tolist()}
        return _json({**rows, **parameters})
    rows_only = data.tolist() if hasattr(data, "tolist") else list(data)
    return _json({"data": rows_only, **parameters})


def _json(document: Mapping[str, Any]) -> Tuple[bytes, str]:
    return json.dumps(document, default=_plain).encode("utf-8"), "application/json"


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        return value.item()
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    raise SoothError(f"data: expected numbers and texts, got {type(value).__name__}: {value!r}")


def _score_tensors(
    base: str, tensors: Mapping[str, Any], endpoint: Optional[str], call: _Call
) -> Dict[str, Any]:
    """Arrays by the network's output names."""
    name = endpoint if endpoint is not None else _only_endpoint(base, call)
    url = f"{base}/v2/models/{urllib.parse.quote(name)}/infer"
    body, headers = write_request(tensors)
    answer, about = call.fetch(url, body, headers)
    size = int(about.get(HEADER_LENGTH) or len(answer))
    return read_answer(_parse(url, answer[:size]), answer[size:])


def _only_endpoint(base: str, call: _Call) -> str:
    listed = call.ask(f"{base}/v2/models", None, "application/json")
    names = [str(each["name"] if isinstance(each, dict) else each) for each in listed["models"]]
    if len(names) != 1:
        raise SoothError(f"endpoint: expected it to be named, since the server has {len(names)}")
    return names[0]
