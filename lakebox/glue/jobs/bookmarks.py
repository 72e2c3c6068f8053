"""Job bookmarks: GetJobBookmark and ResetJobBookmark. The jobs' own reads keep them."""

from collections.abc import Mapping
from typing import Any

from lakebox.endpoint.service import Operation, ServiceError
from lakebox.glue.jobs.host import Host


def bookmark_operations(host: Host) -> Mapping[str, Operation]:
    """The operations on what the jobs' reads have seen."""

    def get(request: dict[str, Any]) -> dict[str, Any]:
        kept = host.bookmark(request["JobName"])
        if kept is None:
            text = f"Continuation for job {request['JobName']} not found. It has kept no bookmark"
            raise ServiceError("EntityNotFoundException", text)
        return {"JobBookmarkEntry": {"JobName": request["JobName"], "JobBookmark": kept}}

    def reset(request: dict[str, Any]) -> dict[str, Any]:
        get(request)
        host.forget_bookmark(request["JobName"])
        return {"JobBookmarkEntry": {"JobName": request["JobName"]}}

    return {"GetJobBookmark": get, "ResetJobBookmark": reset}
