# SPDX-License-Identifier: LGPL-2.1-only
"""nginx and HAProxy as reverse proxies in front of our servers.

Each runs in the foreground as whoever runs the tests, on a high port, with
every file it writes in the scratch directory.
"""
import asyncio
import os

import compression
import python_client
from harness import accepts, check, equal, free_port
from relay import Relay
from web import Curl, read

NGINX = """
daemon off;
master_process off;
worker_processes 1;
pid {scratch}/nginx.pid;
error_log {scratch}/nginx-error.log;
events {{ worker_connections 256; }}
http {{
	access_log off;
	client_body_temp_path {scratch}/nginx-body;
	proxy_temp_path {scratch}/nginx-proxy;
	fastcgi_temp_path {scratch}/nginx-fastcgi;
	uwsgi_temp_path {scratch}/nginx-uwsgi;
	scgi_temp_path {scratch}/nginx-scgi;
	map $http_upgrade $connection_upgrade {{
		default upgrade;
		'' '';
	}}
	upstream pages {{ server 127.0.0.1:{server}; keepalive 4; }}
	upstream echo {{ server 127.0.0.1:{echo}; }}
	server {{
		listen 127.0.0.1:{front};
		proxy_http_version 1.1;
		proxy_set_header Host $http_host;
		proxy_set_header Upgrade $http_upgrade;
		proxy_set_header Connection $connection_upgrade;
		location / {{ proxy_pass http://pages; }}
	}}
	server {{
		listen 127.0.0.1:{front_echo};
		proxy_http_version 1.1;
		proxy_set_header Host $http_host;
		proxy_set_header Upgrade $http_upgrade;
		proxy_set_header Connection $connection_upgrade;
		location / {{ proxy_pass http://echo; }}
	}}
}}
"""

HAPROXY = """
global
	maxconn 256
defaults
	mode http
	timeout connect 5s
	timeout client 30s
	timeout server 30s
	timeout tunnel 60s
listen pages
	bind 127.0.0.1:{front}
	server pages 127.0.0.1:{server}
listen echo
	bind 127.0.0.1:{front_echo}
	server echo 127.0.0.1:{echo}
"""


def nginx(bench):
    """The group."""
    path = bench.needs("nginx", "nginx")
    if path:
        behind(bench, "nginx", NGINX,
               lambda conf: [path, "-p", bench.scratch, "-c", conf,
                             "-e", os.path.join(bench.scratch, "nginx-early")])


def haproxy(bench):
    """The group."""
    path = bench.needs("haproxy", "haproxy")
    if path:
        behind(bench, "HAProxy", HAPROXY, lambda conf: [path, "-db", "-f",
                                                        conf])


def behind(bench, who, template, argv_for):
    """The same cases through any proxy."""
    curl = bench.needs("curl", "curl")
    if not curl:
        return
    server, port = bench.test_server()
    deflates = bench.configured("EXTENSIONS")
    echo, echo_port = bench.test_echo(
        "-d15", *(["--deflate=keep"] if deflates else []))
    conf = os.path.join(bench.scratch, who + ".conf")
    second = free_port()

    def command(front):
        with open(conf, "w", encoding="ascii") as file:
            file.write(template.format(
                scratch=bench.scratch, server=port, echo=echo_port,
                front=front, front_echo=second))
        return argv_for(conf)

    proxy, front = bench.listening(command)
    check(accepts(second), f"{who} listens on one port only")
    page(bench, who, Curl(curl, bench.scratch), front)
    python_client.numbers(bench, front, who)
    python_client.mirror(bench, front, other=port, who=who)
    echoes(bench, who, second)
    if deflates:
        compressed(bench, who, second, echo)
    with bench.case(f"{who}: it stops when told to"):
        proxy.stop(15)
    bench.ends_cleanly(server, f"the test server behind {who}")
    bench.ends_cleanly(echo, f"the echo server behind {who}")


def page(bench, who, curl, front):
    """The HTTP side."""
    for name in ("test.html", "favicon.ico", "libwebsockets.org-logo.png"):
        with bench.case(f"{who}: /{name} comes through whole, again and "
                        "again"):
            want = read(os.path.join(bench.pages, name))
            for _ in range(5):
                answer = curl.get(f"http://127.0.0.1:{front}/{name}")
                equal(answer.status, 200, "the status")
                equal(answer.body, want, "the body")
    with bench.case(f"{who}: a body of 1 MiB goes through, and a 404 back"):
        body = os.path.join(bench.scratch, "proxied-body")
        with open(body, "wb") as file:
            file.write(b"b" * (1 << 20))
        answer = curl.get("--data-binary", "@" + body,
                          f"http://127.0.0.1:{front}/form")
        equal(answer.status, 200, "the status")
        answer = curl.get(f"http://127.0.0.1:{front}/nothing.html")
        equal(answer.status, 404, "the status")


def echoes(bench, who, port):
    """Messages and closes, there and back."""
    async def talk():
        async with python_client.connect(port) as ws:
            for length in (0, 1, 125, 126, 65535, 65536, 1 << 20):
                message = python_client.pattern(length)
                await ws.send(message)
                check(await python_client.take(ws) == message,
                      f"{length} bytes came back changed")
            await ws.send(["a", "b" * 70000, "c"])
            equal(await python_client.take(ws), "a" + "b" * 70000 + "c",
                  "the message of three fragments")
            await asyncio.wait_for(await ws.ping(), 5)
            await ws.close(3333, "through and through")
            return ws.close_code

    with bench.case(f"{who}: messages, pings and the close go through"):
        equal(asyncio.run(talk()), 3333, "the close code")


def compressed(bench, who, port, echo):
    """Every kind and size of message, compressed in both directions."""
    both = {compression.S_RESETS: True, compression.C_WINDOW: 10}
    for row in (compression.Row({}, "keep", "", True, True),
                compression.Row(both, "keep", "; ".join(
                    (compression.S_RESETS, f"{compression.C_WINDOW}=10")))):
        with bench.case(f"{who}: messages go through with "
                        + compression.full(row), 40):
            with Relay(port) as relay:
                compression.talk(relay.port, row.theirs)
                compression.judge(row, "client", relay.passage(), echo.said())
