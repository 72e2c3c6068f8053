"""Who is at the other end of a connection on loopback: only processes of this server's own user may use it.

A Hive client can't sign as clients of the Glue API do. All that it says of itself is a user's name, which anybody can
say. So Linux is asked whose socket it is. Other systems have no such list: there any user of the machine may connect.
Programs of the same user may everywhere: they can read the lake's folder and its keys, too.
"""

import os
import socket
import sys
from pathlib import Path

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))  # a Java client's sockets are IPv6 ones, for IPv4, too
MAPPED = "0" * 16 + format(int.from_bytes(b"\0\0\xff\xff", sys.byteorder), "08X")  # how IPv4 addresses start in tcp6
LOCAL, REMOTE, USER = 1, 2, 7  # columns of these tables


def is_own_user(connection: socket.socket) -> bool:
    """Whether the peer of an IPv4 connection within this machine belongs to the user of this process."""
    if not TABLES[0].exists():
        return True
    try:
        ends = _end(connection.getpeername()), _end(connection.getsockname())
    except OSError:  # it has left again
        return False
    rows = (line.split() for table in TABLES if table.exists() for line in table.read_text().splitlines()[1:])
    return any(
        (row[LOCAL].removeprefix(MAPPED), row[REMOTE].removeprefix(MAPPED)) == ends and int(row[USER]) == os.getuid()
        for row in rows
    )


def _end(address: tuple[str, int]) -> str:
    host, port = address
    return f"{int.from_bytes(socket.inet_aton(host), sys.byteorder):08X}:{port:04X}"
