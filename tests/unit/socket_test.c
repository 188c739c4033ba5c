/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of plat/unix/socket.c, over loopback. */
#include "unit/sockets.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>

static void
test_every_socket_is_nonblocking_and_closed_on_exec(void **state)
{
	int ends[2], fd = lws_plat_socket(AF_INET);

	(void)state;
	unit_assert_flags(fd, true);
	lws_plat_close(fd);
	unit_connection(ends);
	unit_assert_flags(ends[0], true);
	unit_assert_flags(ends[1], true);
	lws_plat_close(ends[0]);
	lws_plat_close(ends[1]);
}

static void
test_bytes_travel_both_ways(void **state)
{
	const struct lws_span hello = lws_span_str("hello");
	char buf[16];
	int ends[2], n;

	(void)state;
	unit_connection(ends);
	for (n = 0; n < 2; n++) {
		assert_int_equal(lws_plat_recv(ends[!n], buf, sizeof(buf)),
				 LWS_ERR_AGAIN);
		assert_int_equal(lws_plat_sendv(ends[n], &hello, 1), 5);
		unit_wait(ends[!n], POLLIN);
		assert_int_equal(lws_plat_recv(ends[!n], buf, sizeof(buf)), 5);
		assert_memory_equal(buf, "hello", 5);
	}
	lws_plat_close(ends[0]);
	lws_plat_close(ends[1]);
}

static void
test_any_number_of_spans_goes_out_in_order(void **state)
{
	static const char text[] = "abcdefghijklmnopqrst";
	struct lws_span v[20];
	char buf[64];
	size_t n, sent;
	int ends[2];

	(void)state;
	for (n = 0; n < COUNT(v); n++)
		v[n] = lws_span(text + n, 1);
	unit_connection(ends);
	for (n = 1; n <= COUNT(v); n++) {
		sent = n < LWS_PLAT_MAX_SPANS ? n : LWS_PLAT_MAX_SPANS;
		assert_int_equal(lws_plat_sendv(ends[0], v, n), sent);
		unit_wait(ends[1], POLLIN);
		assert_int_equal(lws_plat_recv(ends[1], buf, sizeof(buf)),
				 sent);
		assert_memory_equal(buf, text, sent);
	}
	lws_plat_close(ends[0]);
	lws_plat_close(ends[1]);
}

/* Send until the kernel takes no more; the sum of what it took. */
static size_t
fill(int fd, const struct lws_span *v, size_t n)
{
	ssize_t sent;
	size_t total = 0;

	while ((sent = lws_plat_sendv(fd, v, n)) > 0)
		total += (size_t)sent;
	assert_int_equal(sent, LWS_ERR_AGAIN);
	return total;
}

static void
test_a_full_pipe_is_not_now_and_loses_nothing(void **state)
{
	static char block[60000], got[100000];
	const struct lws_span v[2] = {
		lws_span(block, 20000), lws_span(block, sizeof(block)),
	};
	size_t total, n;
	ssize_t len;
	int ends[2];

	(void)state;
	for (n = 1; n <= 2; n++) {
		unit_connection(ends);
		total = fill(ends[0], v, n);
		while (total) {
			unit_wait(ends[1], POLLIN);
			len = lws_plat_recv(ends[1], got, sizeof(got));
			assert_true(len > 0 && (size_t)len <= total);
			total -= (size_t)len;
		}
		unit_wait(ends[0], POLLOUT);
		assert_int_equal(lws_plat_recv(ends[1], got, sizeof(got)),
				 LWS_ERR_AGAIN);
		lws_plat_close(ends[0]);
		lws_plat_close(ends[1]);
	}
}

static void
test_after_shutdown_the_peer_reads_on_to_the_end(void **state)
{
	const struct lws_span rest = lws_span_str("rest");
	char buf[16];
	int ends[2];

	(void)state;
	unit_connection(ends);
	assert_int_equal(lws_plat_sendv(ends[0], &rest, 1), 4);
	lws_plat_shutdown(ends[0]);
	unit_wait(ends[1], POLLIN);
	assert_int_equal(lws_plat_recv(ends[1], buf, sizeof(buf)), 4);
	unit_wait(ends[1], POLLIN);
	assert_int_equal(lws_plat_recv(ends[1], buf, sizeof(buf)), 0);
	assert_int_equal(lws_plat_sendv(ends[1], &rest, 1), 4);
	unit_wait(ends[0], POLLIN);
	assert_int_equal(lws_plat_recv(ends[0], buf, sizeof(buf)), 4);
	lws_plat_close(ends[0]);
	lws_plat_close(ends[1]);
}

static void
test_sending_to_nobody_is_an_error_and_no_signal(void **state)
{
	const struct lws_span v[2] = {
		lws_span_str("x"), lws_span_str("y"),
	};
	int ends[2];

	(void)state;
	assert_ptr_equal(signal(SIGPIPE, SIG_DFL), SIG_DFL);
	unit_connection(ends);
	lws_plat_close(ends[1]);
	unit_wait(ends[0], POLLIN);
	while (lws_plat_sendv(ends[0], v, 1) > 0)
		unit_wait(ends[0], POLLIN);
	assert_int_equal(lws_plat_sendv(ends[0], v, 1), LWS_ERR_IO);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(lws_plat_sendv(ends[0], v, 2), LWS_ERR_IO);
	assert_int_equal(errno, EPIPE);
	lws_plat_close(ends[0]);
}

static void
test_a_reset_is_an_error_to_who_reads(void **state)
{
	const struct linger hard = { .l_onoff = 1, .l_linger = 0 };
	char buf[4];
	int ends[2];

	(void)state;
	unit_connection(ends);
	assert_int_equal(setsockopt(ends[1], SOL_SOCKET, SO_LINGER, &hard,
				    sizeof(hard)), 0);
	lws_plat_close(ends[1]);
	unit_wait(ends[0], POLLIN);
	assert_int_equal(lws_plat_recv(ends[0], buf, sizeof(buf)), LWS_ERR_IO);
	assert_int_equal(errno, ECONNRESET);
	lws_plat_close(ends[0]);
}

static void
test_accept_tells_nobody_there_from_no_socket(void **state)
{
	int fd = unit_listener();

	(void)state;
	assert_int_equal(lws_plat_accept(fd), LWS_ERR_AGAIN);
	lws_plat_close(fd);
	assert_int_equal(lws_plat_accept(fd), LWS_ERR_IO);
	assert_int_equal(errno, EBADF);
	fd = lws_plat_socket(AF_INET);
	assert_int_equal(lws_plat_accept(fd), LWS_ERR_IO);
	lws_plat_close(fd);
}

static void
test_out_of_descriptors_is_told_apart_and_passes(void **state)
{
	const int listener = unit_listener();
	const int client = unit_connect(unit_port_of(listener));
	const struct rlimit old = unit_exhaust_fds();
	const int socket_rc = lws_plat_socket(AF_INET);
	const int accept_rc = lws_plat_accept(listener);
	int fd;

	(void)state;
	unit_restore_fds(old);
	assert_int_equal(socket_rc, LWS_ERR_NOFD);
	assert_int_equal(accept_rc, LWS_ERR_NOFD);
	fd = lws_plat_accept(listener);
	assert_true(fd >= 0);
	lws_plat_close(fd);
	lws_plat_close(client);
	lws_plat_close(listener);
}

static void
test_a_family_nobody_knows_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(lws_plat_socket(12345), LWS_ERR_IO);
}

static void
test_connecting_tells_how_it_went(void **state)
{
	const int refuser = unit_refuser();
	const struct sockaddr_in dead = unit_loopback(unit_port_of(refuser));
	int ends[2], rc, fd = lws_plat_socket(AF_INET);

	(void)state;
	rc = lws_plat_connect(fd, (const struct sockaddr *)&dead,
			      sizeof(dead));
	if (rc == LWS_ERR_AGAIN) {
		unit_wait(fd, POLLOUT);
		assert_int_equal(lws_plat_connect_result(fd), ECONNREFUSED);
	} else {
		assert_int_equal(rc, LWS_ERR_IO);
		assert_int_equal(errno, ECONNREFUSED);
	}
	lws_plat_close(fd);
	assert_int_equal(lws_plat_connect_result(fd), EBADF);
	lws_plat_close(refuser);

	unit_connection(ends);
	assert_int_equal(lws_plat_connect_result(ends[0]), 0);
	lws_plat_close(ends[0]);
	lws_plat_close(ends[1]);
}

static void
test_a_socket_leaves_from_where_it_is_bound(void **state)
{
	const int fd = lws_plat_socket(AF_INET);
	const int other = lws_plat_socket(AF_INET);
	struct sockaddr_in at = unit_loopback(0);
	const struct sockaddr *sa = (const struct sockaddr *)&at;

	(void)state;
	assert_int_equal(lws_plat_bind(fd, sa, sizeof(at)), 0);
	at = unit_loopback(unit_port_of(fd));
	assert_int_equal(lws_plat_bind(other, sa, sizeof(at)), LWS_ERR_IO);
	assert_int_equal(errno, EADDRINUSE);
	lws_plat_close(fd);
	lws_plat_close(other);
}

static void
test_a_port_has_one_listener_unless_shared(void **state)
{
	const int first = lws_plat_socket(AF_INET);
	const int second = lws_plat_socket(AF_INET);
	struct sockaddr_in at = unit_loopback(0);
	const struct sockaddr *sa = (const struct sockaddr *)&at;
	int third, rc;

	(void)state;
	rc = lws_plat_listen(first, sa, sizeof(at), 4, true);
	if (rc == LWS_ERR_UNSUPPORTED)
		skip();
	assert_int_equal(rc, 0);
	at = unit_loopback(unit_port_of(first));
	assert_int_equal(lws_plat_listen(second, sa, sizeof(at), 4, true), 0);
	third = lws_plat_socket(AF_INET);
	assert_int_equal(lws_plat_listen(third, sa, sizeof(at), 4, false),
			 LWS_ERR_IO);
	assert_int_equal(errno, EADDRINUSE);
	lws_plat_close(first);
	lws_plat_close(second);
	lws_plat_close(third);
}

static void
test_a_server_can_start_again_at_once(void **state)
{
	const int listener = unit_listener();
	const int port = unit_port_of(listener);
	const struct sockaddr_in at = unit_loopback(port);
	int client, server, again;
	char c;

	(void)state;
	client = unit_connect(port);
	unit_wait(listener, POLLIN);
	server = lws_plat_accept(listener);
	/* who closes first is left with TIME_WAIT */
	lws_plat_close(server);
	unit_wait(client, POLLIN);
	assert_int_equal(lws_plat_recv(client, &c, 1), 0);
	lws_plat_close(client);
	lws_plat_close(listener);
	again = lws_plat_socket(AF_INET);
	assert_int_equal(lws_plat_listen(again, (const struct sockaddr *)&at,
					 sizeof(at), 4, false), 0);
	lws_plat_close(again);
}

static int
option_of(int fd, int level, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	assert_int_equal(getsockopt(fd, level, option, &value, &len), 0);
	return value;
}

static void
test_options_of_a_connection_are_set_as_asked(void **state)
{
	int ends[2];

	(void)state;
	unit_connection(ends);
	assert_int_equal(option_of(ends[0], IPPROTO_TCP, TCP_NODELAY), 0);
	assert_int_equal(lws_plat_nodelay(ends[0]), 0);
	assert_true(option_of(ends[0], IPPROTO_TCP, TCP_NODELAY));
	assert_int_equal(option_of(ends[0], SOL_SOCKET, SO_KEEPALIVE), 0);
	assert_int_equal(lws_plat_keepalive(ends[0], 30, 4, 5), 0);
	assert_true(option_of(ends[0], SOL_SOCKET, SO_KEEPALIVE));
#ifdef TCP_KEEPIDLE
	assert_int_equal(option_of(ends[0], IPPROTO_TCP, TCP_KEEPIDLE), 30);
	assert_int_equal(option_of(ends[0], IPPROTO_TCP, TCP_KEEPCNT), 4);
	assert_int_equal(option_of(ends[0], IPPROTO_TCP, TCP_KEEPINTVL), 5);
	assert_int_equal(lws_plat_keepalive(ends[0], -1, 4, 5), LWS_ERR_IO);
#endif
	lws_plat_close(ends[0]);
	lws_plat_close(ends[1]);
	assert_int_equal(lws_plat_nodelay(ends[0]), LWS_ERR_IO);
	assert_int_equal(lws_plat_keepalive(ends[0], 1, 1, 1), LWS_ERR_IO);
}

static void
test_closing_keeps_errno(void **state)
{
	(void)state;
	errno = EADDRINUSE;
	lws_plat_close(-1);
	assert_int_equal(errno, EADDRINUSE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_every_socket_is_nonblocking_and_closed_on_exec),
		cmocka_unit_test(test_bytes_travel_both_ways),
		cmocka_unit_test(test_any_number_of_spans_goes_out_in_order),
		cmocka_unit_test(test_a_full_pipe_is_not_now_and_loses_nothing),
		cmocka_unit_test(
			test_after_shutdown_the_peer_reads_on_to_the_end),
		cmocka_unit_test(
			test_sending_to_nobody_is_an_error_and_no_signal),
		cmocka_unit_test(test_a_reset_is_an_error_to_who_reads),
		cmocka_unit_test(test_accept_tells_nobody_there_from_no_socket),
		cmocka_unit_test(
			test_out_of_descriptors_is_told_apart_and_passes),
		cmocka_unit_test(test_a_family_nobody_knows_is_an_error),
		cmocka_unit_test(test_connecting_tells_how_it_went),
		cmocka_unit_test(test_a_socket_leaves_from_where_it_is_bound),
		cmocka_unit_test(test_a_port_has_one_listener_unless_shared),
		cmocka_unit_test(test_a_server_can_start_again_at_once),
		cmocka_unit_test(test_options_of_a_connection_are_set_as_asked),
		cmocka_unit_test(test_closing_keeps_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
