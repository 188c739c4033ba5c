/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of listen_fd: listening sockets that somebody else has opened. */
#include "flow/flow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

static int
make_socket(int type, int *port)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, type, 0);

	memset(&at, 0, sizeof(at));
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

/* with one more on both counts: the socket is the context's to close */
static int
make_listener(int *port)
{
	int fd = make_socket(SOCK_STREAM, port);

	assert_int_equal(listen(fd, 16), 0);
	return fd;
}

static void
test_the_socket_is_served_and_its_port_told(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	int port, fd;

	(void)state;
	flow_begin(&f);
	fd = make_listener(&port);
	f.side[0].info.listen_fd = fd;
	f.side[0].info.port = CONTEXT_PORT_NO_LISTEN;
	flow_open(&f);
	assert_int_equal(f.side[0].info.port, port);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	flow_pair(&f, &s, &c);
	flow_end(&f);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void
test_who_waits_in_it_already_is_served(void **state)
{
	struct flow_raw *r;
	struct flow f;
	int port;

	(void)state;
	if (flow_over_tls())
		skip();
	flow_begin(&f);
	f.side[0].info.listen_fd = make_listener(&port);
	f.side[0].info.port = port;
	r = flow_raw_tcp(&f, 0);
	flow_raw_try(r, "GET / HTTP/1.1\r\nHost: here\r\n\r\n", 30);
	flow_open(&f);
	FLOW_UNTIL(&f, flow_server(&f, 0) &&
		       flow_server(&f, 0)->count[LWS_CALLBACK_HTTP]);
	flow_end(&f);
}

static void
test_a_local_socket_has_no_port(void **state)
{
	static const char request[] =
		"GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Protocol: second\r\n\r\n";
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char name[64], rip[64], dir[] = "/tmp/lws-adopt-XXXXXX";
	struct flow_conn *c;
	struct flow f;
	int fd, peer;

	(void)state;
	if (flow_over_tls())
		skip();
	assert_non_null(mkdtemp(dir));
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/socket", dir);
	flow_begin(&f);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 4), 0);
	f.side[0].info.listen_fd = fd;
	f.side[0].context = libwebsocket_create_context(&f.side[0].info);
	assert_non_null(f.side[0].context);
	assert_int_equal(f.side[0].info.port, 0);
	peer = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(peer, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(send(peer, request, sizeof(request) - 1, 0),
			 sizeof(request) - 1);
	FLOW_UNTIL(&f, (c = flow_server(&f, 0)) &&
		       c->count[LWS_CALLBACK_ESTABLISHED]);
	libwebsockets_get_peer_addresses(f.side[0].context, c->wsi, c->fd,
					 name, sizeof(name), rip, sizeof(rip));
	close(peer);
	FLOW_UNTIL(&f, c->count[LWS_CALLBACK_CLOSED]);
	flow_end(&f);
	unlink(at.sun_path);
	rmdir(dir);
}

/* What is no such socket is said to be none, and is left open. */
static void
refused(int fd)
{
	struct flow f;
	char want[64];

	flow_begin(&f);
	f.side[0].info.listen_fd = fd;
	assert_null(libwebsocket_create_context(&f.side[0].info));
	snprintf(want, sizeof(want), "descriptor %d is no stream socket", fd);
	assert_non_null(strstr(flow_last_line(), want));
	flow_end(&f);
}

static void
test_everything_else_is_refused_and_stays_open(void **state)
{
	int fd, port;

	(void)state;
	fd = make_socket(SOCK_STREAM, &port);
	refused(fd);
	assert_true(fcntl(fd, F_GETFD) >= 0);
	close(fd);
	fd = make_socket(SOCK_DGRAM, &port);
	refused(fd);
	assert_int_equal(close(fd), 0);
	fd = open("/dev/null", O_RDONLY);
	refused(fd);
	assert_int_equal(close(fd), 0);
	refused(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_socket_is_served_and_its_port_told),
		cmocka_unit_test(test_who_waits_in_it_already_is_served),
		cmocka_unit_test(test_a_local_socket_has_no_port),
		cmocka_unit_test(
			test_everything_else_is_refused_and_stays_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
