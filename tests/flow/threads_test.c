/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of a context with several threads: a server of which each thread
 * serves a loop, and clients of a context of their own in the thread of the
 * test.  The application has no lock, atomic counters aside.
 */
#include "flow/flow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define THREADS 3
#define CLIENTS 48

static struct libwebsocket_context *server, *clients;
static unsigned inits, destroys;	/* of the server's protocols */
static unsigned opened, heard, closed;	/* of its connections; atomic */
static unsigned wrong;			/* atomic */
static unsigned connections[THREADS];	/* each written by its own thread */
static unsigned answers, refused;	/* of the clients */
static unsigned open_clients;
static int leave;			/* atomic */
static char last_line[256];
static __thread unsigned thread;	/* number of a thread, 0: the test's */

static void
count(unsigned *n)
{
	__atomic_add_fetch(n, 1, __ATOMIC_RELEASE);
}

static unsigned
look(const unsigned *n)
{
	return __atomic_load_n(n, __ATOMIC_ACQUIRE);
}

static void
note(int level, const char *line)
{
	if (level & LLL_ERR)
		snprintf(last_line, sizeof(last_line), "%s", line);
}

/* what the server has of each of its connections */
struct session {
	unsigned thread;	/* that it was born in */
};

static int
serve(struct libwebsocket_context *context, struct libwebsocket *wsi,
      enum libwebsocket_callback_reasons reason, void *user, void *in,
      size_t len)
{
	struct session *s = user;

	(void)context;
	switch ((int)reason) {
	case LWS_CALLBACK_PROTOCOL_INIT:
		inits++;
		break;
	case LWS_CALLBACK_PROTOCOL_DESTROY:
		destroys++;
		break;
	case LWS_CALLBACK_ESTABLISHED:
		s->thread = thread;
		connections[thread - 1]++;
		count(&opened);
		break;
	case LWS_CALLBACK_RECEIVE:
		if (s->thread != thread)
			count(&wrong);
		libwebsocket_write(wsi, in, len, LWS_WRITE_TEXT);
		count(&heard);
		break;
	case LWS_CALLBACK_CLOSED:
		/* who destroys the context ends all of them */
		if (thread && s->thread != thread)
			count(&wrong);
		count(&closed);
		break;
	}
	return 0;
}

static int
consume(struct libwebsocket_context *context, struct libwebsocket *wsi,
	enum libwebsocket_callback_reasons reason, void *user, void *in,
	size_t len)
{
	(void)context;
	(void)user;
	(void)in;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		open_clients++;
		libwebsocket_write(wsi, (unsigned char *)"hello", 5,
				   LWS_WRITE_TEXT);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		if (len != 5)
			count(&wrong);
		answers++;
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		refused++;
		break;
	case LWS_CALLBACK_CLOSED:
		open_clients--;
		break;
	}
	return 0;
}

static struct libwebsocket_protocols served[] = {
	{ .name = "echo", .callback = serve,
	  .per_session_data_size = sizeof(struct session) },
	{ .callback = NULL },
};
static struct libwebsocket_protocols consumed[] = {
	{ .name = "echo", .callback = consume },
	{ .callback = NULL },
};

static struct libwebsocket_context *
create(struct libwebsocket_protocols *protocols, int *port, unsigned threads,
       const char *backend)
{
	struct lws_context_creation_info info = { 0 };
	struct libwebsocket_context *context;

	info.port = *port;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.uid = info.gid = -1;
	info.event_backend = backend;
	info.count_threads = threads;
	lws_set_log_level(LLL_ERR, note);
	last_line[0] = '\0';
	context = libwebsocket_create_context(&info);
	*port = info.port;
	return context;
}

/* ---- the threads ---- */

static pthread_t threads[THREADS];

static void *
run(void *number)
{
	const unsigned n = (unsigned)(uintptr_t)number;

	thread = n + 1;
	while (!__atomic_load_n(&leave, __ATOMIC_ACQUIRE))
		if (lws_service_thread(server, 60000, n) < 0)
			count(&wrong);
	return NULL;
}

static int
begin(const char *backend)
{
	int port = 0, none = CONTEXT_PORT_NO_LISTEN;
	uintptr_t n;

	inits = destroys = opened = heard = closed = wrong = 0;
	answers = refused = open_clients = 0;
	leave = 0;
	memset(connections, 0, sizeof(connections));
	server = create(served, &port, THREADS, backend);
	assert_non_null(server);
	assert_true(port > 0);
	clients = create(consumed, &none, 0, NULL);
	assert_non_null(clients);
	for (n = 0; n < THREADS; n++)
		assert_int_equal(pthread_create(&threads[n], NULL, run,
						(void *)n), 0);
	return port;
}

static void
end(void)
{
	unsigned n;

	__atomic_store_n(&leave, 1, __ATOMIC_RELEASE);
	libwebsocket_cancel_service(server);
	for (n = 0; n < THREADS; n++)
		assert_int_equal(pthread_join(threads[n], NULL), 0);
	libwebsocket_context_destroy(server);
	libwebsocket_context_destroy(clients);
	assert_int_equal(inits, 1);
	assert_int_equal(destroys, 1);
	assert_int_equal(closed, opened);
	assert_int_equal(wrong, 0);
}

#define UNTIL(condition) do {						\
	const uint64_t limit_ = flow_ms() + FLOW_PATIENCE_MS;		\
	while (!(condition)) {						\
		if (flow_ms() > limit_)					\
			fail_msg("still not: %s", #condition);		\
		libwebsocket_service(clients, 10);			\
	}								\
} while (0)

static struct libwebsocket *
dial(int port)
{
	struct libwebsocket *wsi = libwebsocket_client_connect(
		clients, "127.0.0.1", port, 0, "/", "h", NULL, "echo", -1);

	assert_non_null(wsi);
	return wsi;
}

/* ---- */

static void
serves_them(const char *backend)
{
	const int port = begin(backend);
	unsigned n, busy = 0;

	for (n = 0; n < CLIENTS; n++)
		dial(port);
	UNTIL(answers == CLIENTS);
	assert_int_equal(refused, 0);
	assert_int_equal(look(&opened), CLIENTS);
	end();
	for (n = 0; n < THREADS; n++)
		busy += connections[n] > 0;
	assert_true(busy > 1);
}

static void
test_the_system_deals_out_who_connects_and_threads_keep_them(void **state)
{
	(void)state;
	serves_them("epoll");
	serves_them("poll");
}

static void
test_more_threads_than_there_may_be_are_refused(void **state)
{
	int port = 0;

	(void)state;
	assert_null(create(served, &port, 256, NULL));
	assert_non_null(strstr(last_line, "count_threads is 256"));
	assert_null(create(served, &port, 2, "external"));
	assert_non_null(strstr(last_line, "external"));
}

static void
test_a_number_beyond_the_threads_is_refused(void **state)
{
	int none = CONTEXT_PORT_NO_LISTEN;

	(void)state;
	assert_int_equal(lws_service_thread(NULL, 0, 0), 1);
	server = create(served, &none, 2, NULL);
	assert_non_null(server);
	assert_int_equal(lws_service_thread(server, 0, 0), 0);
	assert_int_equal(lws_service_thread(server, 0, 1), 0);
	assert_int_equal(lws_service_thread(server, 0, 2), -1);
	assert_int_equal(lws_service_thread(server, 0, UINT32_MAX), -1);
	libwebsocket_context_destroy(server);
	server = create(served, &none, 0, NULL);
	assert_non_null(server);
	assert_int_equal(lws_service_thread(server, 0, 0), 0);
	assert_int_equal(lws_service_thread(server, 0, 1), -1);
	libwebsocket_context_destroy(server);
}

/* A listening socket of somebody else, who is ready to share. */
static int
squat(int *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
				    sizeof(on)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on,
				    sizeof(on)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

static void
test_a_port_is_not_shared_with_who_has_it_already(void **state)
{
	int port, fd = squat(&port);

	(void)state;
	assert_null(create(served, &port, 2, NULL));
	assert_non_null(strstr(last_line, "is in use"));
	close(fd);
	server = create(served, &port, 2, NULL);
	assert_non_null(server);
	libwebsocket_context_destroy(server);
}

/* How many descriptors are open? */
static unsigned
descriptors(void)
{
	unsigned n = 0;
	int fd;

	for (fd = 0; fd < 1024; fd++) {
		const int copy = dup(fd);

		if (copy < 0)
			continue;
		close(copy);
		n++;
	}
	return n;
}

static void
test_too_few_descriptors_undo_all_of_it(void **state)
{
	const unsigned before = descriptors();
	struct rlimit was, few;
	unsigned n, made = 0;
	int port = 0;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	for (n = before; !made; n++) {
		assert_true(n < before + 64);
		few = was;
		few.rlim_cur = n;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		port = 0;
		server = create(served, &port, THREADS, NULL);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
		made = server != NULL;
		libwebsocket_context_destroy(server);
		assert_int_equal(descriptors(), before);
		assert_true(made || last_line[0]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_the_system_deals_out_who_connects_and_threads_keep_them),
		cmocka_unit_test(
			test_more_threads_than_there_may_be_are_refused),
		cmocka_unit_test(test_a_number_beyond_the_threads_is_refused),
		cmocka_unit_test(
			test_a_port_is_not_shared_with_who_has_it_already),
		cmocka_unit_test(test_too_few_descriptors_undo_all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
