"""A client of mail servers that trusts none: bounded answers, and no way to this machine itself."""

import base64
import re
import smtplib
import socket
import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import quote

from notices.channels import SECONDS

#: Of one answer; with more the connection is closed. The longest that servers need is that to EHLO.
LINES, BYTES = 100, 64 * 1024
ADDRESSES = 3  # of a server that are tried
#: How a line of an answer begins; what begins otherwise was not said by a mail server.
REPLY = re.compile(rb"[2-5][0-9][0-9](?=[ \r\n-]|$)")


class NoMailServer(smtplib.SMTPException):
    """Nobody is there, or somebody who speaks no SMTP."""


class TooLong(smtplib.SMTPException):
    """An answer without end."""


class Inner(smtplib.SMTPException):
    """The server's name leads to an address that no channel may have."""


@dataclass(frozen=True)
class Server:
    """Where mail goes. `tls` is "ssl", "starttls" or "none"; `sender` an address, `title` whose it is;
    `inner` whether it may be this machine itself."""

    host: str
    port: int
    tls: str
    username: str
    password: str
    sender: str
    title: str
    inner: bool

    @property
    def hidden(self) -> tuple[str, ...]:
        """The password as it is, and as it travels, longest first: a server may repeat what it was sent."""
        if not self.password:
            return ()
        user, password = self.username, self.password
        sent = (password, f"\0{user}\0{password}", f"{user}\0{user}\0{password}", f"{user}:{password}")
        raw = [one.encode("utf-8", "replace") for one in sent]
        forms = {base64.b64encode(one).decode().rstrip("=") for one in raw} | {one.hex() for one in raw}
        return tuple(sorted(forms | {password, quote(password, safe="")}, key=len, reverse=True))

    def client(self) -> "Plain | OverTLS":
        """One that has not connected yet; it calls itself by the sender's domain, so no name is looked up."""
        own = {"local_hostname": self.sender.rpartition("@")[2], "timeout": SECONDS}
        if self.tls == "ssl":
            return OverTLS(context=ssl.create_default_context(), **own)
        return Plain(**own)


def is_inner(address: str) -> bool:
    """Whether an IP address leads to this machine itself, or to what only its own cable reaches (there
    clouds keep the keys of their machines)."""
    found = ip_address(address)
    found = getattr(found, "ipv4_mapped", None) or found
    return found.is_loopback or found.is_link_local or found.is_unspecified or found.is_multicast


class _Client:
    """Connects as often as it has to; says nothing more once another thread has given it up."""

    over = False

    def open(self, server: Server) -> None:
        """Connected, logged in, and with nothing left of the mail before."""
        if self.sock is not None and self._is_alive():
            return
        self.close()
        self.ehlo_resp = self.helo_resp = None
        self._host = server.host  # whose certificate is asked for
        self._inner = server.inner
        self._call(server)
        self.ehlo_or_helo_if_needed()
        if server.tls == "starttls":
            self.starttls(context=ssl.create_default_context())
            self.ehlo_or_helo_if_needed()
        if server.username:
            self.login(server.username, server.password)

    def _call(self, server: Server) -> None:
        """Connected and greeted. A closed port is not told from one with another service behind it: the
        portal is nobody's means to look around in its network."""
        try:
            code, said = self.connect(server.host, server.port)
        except (TimeoutError, socket.gaierror, ssl.SSLCertVerificationError, Inner):
            raise
        except OSError as error:
            raise NoMailServer from error
        if code == -1:
            raise NoMailServer
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Connected to an address of `host`. The name is looked up once: a second time it could lead
        elsewhere than where it was looked at."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(place[4][0] for place in found))[:ADDRESSES]
        if not self._inner and any(is_inner(address) for address in addresses):
            raise Inner
        for address in addresses[:-1]:
            try:
                return super()._get_socket(address, port, timeout)
            except OSError:
                continue
        return super()._get_socket(addresses[-1], port, timeout)

    def getreply(self) -> tuple[int, bytes]:
        """One answer, code and words; -1 without words for what is no SMTP.

        Raises SMTPServerDisconnected at the end of the connection, TooLong for an answer without one.
        """
        if self.file is None:
            self.file = self.sock.makefile("rb")
        said: list[bytes] = []
        left = BYTES
        while len(said) < LINES:
            try:
                line = self.file.readline(left + 1)
            except OSError as error:
                self.close()
                raise smtplib.SMTPServerDisconnected from error
            if not line:
                self.close()
                raise smtplib.SMTPServerDisconnected
            left -= len(line)
            if left < 0:
                break
            if not REPLY.match(line):
                return -1, b""
            said.append(line[4:].strip())
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(said)
        self.close()
        raise TooLong

    def _is_alive(self) -> bool:
        """Servers end connections that were quiet for long, or that have carried many mails."""
        try:
            return self.rset()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def give_up(self) -> None:
        self.over = True
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it is closed already

    def send(self, data: bytes | str) -> None:
        if self.over:
            raise smtplib.SMTPServerDisconnected
        super().send(data)


class Plain(_Client, smtplib.SMTP): ...


class OverTLS(_Client, smtplib.SMTP_SSL): ...
