/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of what concerns all threads of a context at once: broadcasts, and
 * draining.  Strangers on raw sockets are its clients.
 */
#include "flow/flow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#define THREADS 3
#define MEMBERS 24
#define MESSAGES 100

static struct libwebsocket_context *context;
static struct libwebsocket_protocols protocols[3];
static int port;
static int leave;		/* atomic */
static unsigned wrong;		/* atomic */

static int
serve(struct libwebsocket_context *ctx, struct libwebsocket *wsi,
      enum libwebsocket_callback_reasons reason, void *user, void *in,
      size_t len)
{
	(void)ctx;
	(void)user;
	if (reason == LWS_CALLBACK_BROADCAST &&
	    libwebsocket_write(wsi, in, len, LWS_WRITE_TEXT) != (int)len)
		__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
	return 0;
}

static void *
turn(void *arg)
{
	const unsigned thread = *(unsigned *)arg;

	while (!__atomic_load_n(&leave, __ATOMIC_ACQUIRE) &&
	       lws_service_thread(context, 10, thread) >= 0)
		;
	return NULL;
}

static pthread_t ids[THREADS];
static unsigned numbers[THREADS] = { 0, 1, 2 };

static void
begin(void)
{
	struct lws_context_creation_info info;
	int n;

	memset(&info, 0, sizeof(info));
	protocols[0].name = "first";
	protocols[1].name = "second";
	protocols[0].callback = protocols[1].callback = serve;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.uid = info.gid = -1;
	info.count_threads = THREADS;
	lws_set_log_level(getenv("FLOW_VERBOSE") ? 1023 : 0, NULL);
	context = libwebsocket_create_context(&info);
	assert_non_null(context);
	port = info.port;
	leave = 0;
	wrong = 0;
	for (n = 0; n < THREADS; n++)
		assert_int_equal(pthread_create(&ids[n], NULL, turn,
						&numbers[n]), 0);
}

static void
end(void)
{
	int n;

	__atomic_store_n(&leave, 1, __ATOMIC_RELEASE);
	for (n = 0; n < THREADS; n++)
		pthread_join(ids[n], NULL);
	libwebsocket_context_destroy(context);
}

static void
read_all(int fd, char *to, size_t len)
{
	size_t got = 0;
	ssize_t n;

	while (got < len) {
		n = recv(fd, to + got, len - got, 0);
		assert_true(n > 0);
		got += (size_t)n;
	}
}

static int
member(void)
{
	static const char request[] =
		"GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Protocol: second\r\n\r\n";
	const struct timeval patience = { FLOW_PATIENCE_MS / 1000, 0 };
	struct sockaddr_in at;
	char head[1024] = "";
	size_t n = 0;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(&at, 0, sizeof(at));
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)port);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(send(fd, request, sizeof(request) - 1, 0),
			 sizeof(request) - 1);
	while (!strstr(head, "\r\n\r\n")) {
		assert_true(n < sizeof(head) - 1);
		read_all(fd, head + n++, 1);
	}
	return fd;
}

static void
test_a_broadcast_reaches_the_connections_of_all_threads(void **state)
{
	int fd[MEMBERS], n, k;
	unsigned char text[8];
	char frame[10];

	(void)state;
	begin();
	for (n = 0; n < MEMBERS; n++)
		fd[n] = member();
	for (k = 0; k < MESSAGES; k++) {
		memset(text, 'a' + k % 26, sizeof(text));
		assert_int_equal(libwebsockets_broadcast(&protocols[1], text,
							 sizeof(text)), 0);
	}
	/* once each, in the order of the calls */
	for (n = 0; n < MEMBERS; n++) {
		for (k = 0; k < MESSAGES; k++) {
			memset(text, 'a' + k % 26, sizeof(text));
			read_all(fd[n], frame, sizeof(frame));
			assert_memory_equal(frame + 2, text, sizeof(text));
		}
		close(fd[n]);
	}
	end();
	assert_int_equal(wrong, 0);
}

static void
test_broadcasts_that_were_not_read_are_dropped_at_the_end(void **state)
{
	unsigned char text[] = "nobody";

	(void)state;
	begin();
	__atomic_store_n(&leave, 1, __ATOMIC_RELEASE);
	assert_int_equal(libwebsockets_broadcast(&protocols[1], text, 6), 0);
	end();
}

static void
test_draining_ends_the_connections_of_all_threads(void **state)
{
	const uint64_t limit = flow_ms() + FLOW_PATIENCE_MS;
	int fd[MEMBERS], n;
	char frame[4];

	(void)state;
	begin();
	for (n = 0; n < MEMBERS; n++)
		fd[n] = member();
	lws_drain(context, LWS_CLOSE_STATUS_GOINGAWAY, 600000);
	for (n = 0; n < MEMBERS; n++) {
		read_all(fd[n], frame, sizeof(frame));
		assert_memory_equal(frame, "\x88\x02\x03\xe9", 4);
		close(fd[n]);
	}
	while (lws_drain_left(context)) {
		assert_true(flow_ms() < limit);
		usleep(1000);
	}
	end();
}

#ifndef LWS_NO_FORK
static void
test_threads_are_not_forked(void **state)
{
	(void)state;
	begin();
	assert_int_equal(libwebsockets_fork_service_loop(context), -1);
	end();
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_broadcast_reaches_the_connections_of_all_threads),
		cmocka_unit_test(
			test_broadcasts_that_were_not_read_are_dropped_at_the_end),
		cmocka_unit_test(
			test_draining_ends_the_connections_of_all_threads),
#ifndef LWS_NO_FORK
		cmocka_unit_test(test_threads_are_not_forked),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
