/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of a context with several threads: a server of which each thread
 * serves a loop, and clients of a context of their own in the thread of the
 * test.  The application guards nothing but its own list of handles.
 *
 * These are what ThreadSanitizer watches.  With FLOW_TLS all of it is over TLS.
 */
#include "flow/flow.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define THREADS 3
#define CLIENTS 48
#define WRITERS 2

static struct libwebsocket_context *server, *clients;
static int port;
static unsigned inits, destroys;	/* of the server's protocols */
static unsigned opened, heard, closed;	/* of its connections; atomic */
static unsigned writeables;		/* atomic */
static unsigned wrong;			/* atomic */
static unsigned connections[THREADS];	/* each written by its own thread */
static unsigned answers, refused;	/* of the clients */
static unsigned open_clients;
static bool restless;			/* clients leave after a while */
static int leave;			/* atomic */
static char last_line[256];
static __thread unsigned thread;	/* number of a thread, 0: the test's */

/* the latest connections of the server, of which some are over */
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static lws_handle handles[4 * CLIENTS];
static unsigned count_handles;
static struct libwebsocket *latest;	/* atomic */

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

/* ---- the server ---- */

struct session {
	unsigned thread;	/* that it was born in */
};

static void
begin_session(struct session *s, struct libwebsocket *wsi)
{
	const lws_handle h = lws_get_handle(wsi);

	s->thread = thread;
	connections[thread - 1]++;
	if (!h.context)
		count(&wrong);
	pthread_mutex_lock(&guard);
	handles[count_handles++ % COUNT(handles)] = h;
	pthread_mutex_unlock(&guard);
	__atomic_store_n(&latest, wsi, __ATOMIC_RELEASE);
	count(&opened);
}

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
		begin_session(s, wsi);
		break;
	case LWS_CALLBACK_RECEIVE:
		if (s->thread != thread)
			count(&wrong);
		if (len == 3 && !memcmp(in, "all", 3))
			libwebsocket_callback_on_writable_all_protocol(
				libwebsockets_get_protocol(wsi));
		else
			libwebsocket_write(wsi, in, len, LWS_WRITE_TEXT);
		count(&heard);
		break;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		if (s->thread != thread)
			count(&wrong);
		count(&writeables);
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

/* ---- the clients ---- */

/* what writers send is "writer number", and much that is always the same */
#define LETTER "%u %u all good things come in pairs, in pairs, in pairs"

struct consumer {
	unsigned next[WRITERS];	/* no number below it may come any more */
	unsigned letters;
	bool leaves;		/* has said so */
};

static unsigned letters;	/* that clients have got */

static void
read_letter(struct consumer *c, const char *text)
{
	unsigned writer, number;

	if (sscanf(text, "%u %u ", &writer, &number) != 2 ||
	    writer >= WRITERS || number < c->next[writer]) {
		count(&wrong);
		return;
	}
	c->next[writer] = number + 1;
	c->letters++;
	letters++;
}

static int
consume(struct libwebsocket_context *context, struct libwebsocket *wsi,
	enum libwebsocket_callback_reasons reason, void *user, void *in,
	size_t len)
{
	struct consumer *c = user;

	(void)context;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		open_clients++;
		libwebsocket_write(wsi, (unsigned char *)"hello", 5,
				   LWS_WRITE_TEXT);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		if (len != 5)
			read_letter(c, in);
		else
			answers++;
		c->leaves = restless && c->letters > 20;
		return c->leaves ? -1 : 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		refused++;
		break;
	case LWS_CALLBACK_CLOSED:
		open_clients--;
		if (!restless || !c->leaves)
			count(&wrong);
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
	{ .name = "echo", .callback = consume,
	  .per_session_data_size = sizeof(struct consumer) },
	{ .callback = NULL },
};

static struct libwebsocket_context *
create(struct libwebsocket_protocols *protocols, int *at, unsigned threads,
       const char *backend)
{
	struct lws_context_creation_info info = { 0 };
	struct libwebsocket_context *context;

	info.port = *at;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.uid = info.gid = -1;
	info.event_backend = backend;
	info.count_threads = threads;
	/* little enough for writers to meet it */
	info.tx_limit = 16384;
	if (flow_over_tls()) {
		info.ssl_ca_filepath = flow_cert("ca.pem");
		if (*at >= 0) {
			info.ssl_cert_filepath = flow_cert("server.pem");
			info.ssl_private_key_filepath =
				flow_cert("server.key.pem");
		}
	}
#ifndef LWS_NO_EXTENSIONS
	info.extensions = libwebsocket_get_internal_extensions();
#endif
	lws_set_log_level(LLL_ERR, note);
	last_line[0] = '\0';
	context = libwebsocket_create_context(&info);
	*at = info.port;
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

static void
begin(const char *backend)
{
	int none = CONTEXT_PORT_NO_LISTEN;
	uintptr_t n;

	inits = destroys = opened = heard = closed = wrong = writeables = 0;
	answers = refused = open_clients = letters = count_handles = 0;
	leave = port = 0;
	restless = false;
	memset(connections, 0, sizeof(connections));
	server = create(served, &port, THREADS, backend);
	assert_non_null(server);
	assert_true(port > 0);
	clients = create(consumed, &none, 0, NULL);
	assert_non_null(clients);
	for (n = 0; n < THREADS; n++)
		assert_int_equal(pthread_create(&threads[n], NULL, run,
						(void *)n), 0);
}

static void
stop_threads(void)
{
	unsigned n;

	__atomic_store_n(&leave, 1, __ATOMIC_RELEASE);
	libwebsocket_cancel_service(server);
	for (n = 0; n < THREADS; n++)
		assert_int_equal(pthread_join(threads[n], NULL), 0);
}

static void
end(void)
{
	stop_threads();
	libwebsocket_context_destroy(server);
	/* from now on they end because the server has */
	assert_int_equal(wrong, 0);
	libwebsocket_context_destroy(clients);
	assert_int_equal(inits, 1);
	assert_int_equal(destroys, 1);
	assert_int_equal(closed, opened);
}

#define UNTIL(condition) do {						\
	const uint64_t limit_ = flow_ms() + FLOW_PATIENCE_MS;		\
	while (!(condition)) {						\
		if (flow_ms() > limit_)					\
			fail_msg("still not: %s", #condition);		\
		libwebsocket_service(clients, 2);			\
	}								\
} while (0)

static void
dial(unsigned times)
{
	while (times--)
		assert_non_null(libwebsocket_client_connect(
			clients, "127.0.0.1", port, flow_over_tls(), "/", "h",
			NULL, "echo", -1));
}

/* A server with CLIENTS connections that have been heard of. */
static void
begin_busy(const char *backend)
{
	begin(backend);
	dial(CLIENTS);
	UNTIL(answers == CLIENTS);
	assert_int_equal(refused, 0);
	assert_int_equal(look(&opened), CLIENTS);
}

/* ---- serving ---- */

static void
test_the_system_deals_out_who_connects_and_threads_keep_them(void **state)
{
	static const char *const backends[] = { NULL, "poll" };
	unsigned n, b, busy;

	(void)state;
	for (b = 0; b < COUNT(backends); b++) {
		begin_busy(backends[b]);
		end();
		for (n = busy = 0; n < THREADS; n++)
			busy += connections[n] > 0;
		assert_true(busy > 1);
	}
}

/* ---- what crosses threads ---- */

static void
test_all_connections_of_all_threads_are_asked(void **state)
{
	(void)state;
	begin_busy(NULL);
	/* by somebody who serves none of them */
	libwebsocket_callback_on_writable_all_protocol(&served[0]);
	UNTIL(look(&writeables) >= CLIENTS);
	assert_int_equal(look(&writeables), CLIENTS);
	end();
}

static int
ask_for_all(struct libwebsocket_context *context, struct libwebsocket *wsi,
	    enum libwebsocket_callback_reasons reason, void *user, void *in,
	    size_t len)
{
	int rc = consume(context, wsi, reason, user, in, len);

	if (reason == LWS_CALLBACK_CLIENT_WRITEABLE)
		libwebsocket_write(wsi, (unsigned char *)"all", 3,
				   LWS_WRITE_TEXT);
	return rc;
}

/* Every client has every thread ask all: what is asked already is one. */
static void
test_threads_ask_for_the_connections_of_each_other(void **state)
{
	(void)state;
	consumed[0].callback = ask_for_all;
	begin_busy(NULL);
	libwebsocket_callback_on_writable_all_protocol(&consumed[0]);
	UNTIL(look(&heard) == 2 * CLIENTS);
	/* whoever was asked last has been heard of by everybody */
	UNTIL(look(&writeables) >= CLIENTS);
	end();
	consumed[0].callback = consume;
}

static void
test_one_connection_is_asked_from_outside_without_a_thread_id(void **state)
{
	unsigned n;

	(void)state;
	begin(NULL);
	dial(1);
	UNTIL(answers == 1);
	for (n = 1; n <= 50; n++) {
		assert_int_equal(libwebsocket_callback_on_writable(
			server, __atomic_load_n(&latest, __ATOMIC_ACQUIRE)),
			1);
		UNTIL(look(&writeables) >= n);
		assert_int_equal(look(&writeables), n);
	}
	end();
}

static int
give_up_at(int rc, uint64_t limit)
{
	if (rc == -2 && flow_ms() < limit) {
		sched_yield();
		return 1;
	}
	return 0;
}

/* ---- writing from everywhere ---- */

static unsigned accepted, stale;	/* atomic */
static unsigned rounds;			/* letters of each writer at least */
static unsigned most_stale;		/* and go on until so many were */
static unsigned writers_done;		/* atomic */

static lws_handle
any_handle(unsigned random)
{
	lws_handle h;

	pthread_mutex_lock(&guard);
	h = handles[random % (count_handles < COUNT(handles) ? count_handles
							     : COUNT(handles))];
	pthread_mutex_unlock(&guard);
	return h;
}

static void *
write_letters(void *number)
{
	const unsigned writer = (unsigned)(uintptr_t)number;
	const uint64_t limit = flow_ms() + FLOW_PATIENCE_MS;
	char text[128];
	unsigned n, at = writer;
	lws_handle h;
	int rc, len;

	for (n = 0; (n < rounds || look(&stale) < most_stale) &&
	     flow_ms() < limit; n++) {
		at = at * 1103515245 + 12345;
		h = any_handle(at >> 16);
		len = snprintf(text, sizeof(text), LETTER, writer, n);
		do
			rc = lws_queue_write(h, text, (size_t)len,
					     LWS_WRITE_TEXT);
		while (give_up_at(rc, limit));
		count(rc == 0 ? &accepted : rc == -1 ? &stale : &wrong);
	}
	count(&writers_done);
	return NULL;
}

static pthread_t writers[WRITERS];

static void
begin_writers(unsigned letters_of_each, unsigned stale_at_last)
{
	uintptr_t n;

	rounds = letters_of_each;
	most_stale = stale_at_last;
	accepted = stale = writers_done = 0;
	for (n = 0; n < WRITERS; n++)
		assert_int_equal(pthread_create(&writers[n], NULL,
						write_letters, (void *)n), 0);
}

static void
end_writers(void)
{
	unsigned n;

	for (n = 0; n < WRITERS; n++)
		assert_int_equal(pthread_join(writers[n], NULL), 0);
}

static void
test_every_letter_arrives_and_those_of_one_writer_in_order(void **state)
{
	(void)state;
	begin_busy(NULL);
	begin_writers(5000, 0);
	UNTIL(letters == WRITERS * 5000);
	end_writers();
	assert_int_equal(accepted, WRITERS * 5000);
	assert_int_equal(stale, 0);
	end();
}

static void
test_connections_come_and_go_while_they_are_written_to(void **state)
{
	(void)state;
	begin_busy(NULL);
	restless = true;
	begin_writers(5000, 500);
	while (look(&writers_done) < WRITERS) {
		if (open_clients < CLIENTS)
			dial(1);
		libwebsocket_service(clients, 0);
		assert_int_equal(look(&wrong), 0);
	}
	end_writers();
	/* some were written to after they had gone, and that was all */
	assert_true(stale >= 500);
	assert_true(letters > 0);
	assert_true(letters <= accepted);
	/* those who have been greeted are still served */
	restless = false;
	answers = 0;
	dial(1);
	UNTIL(answers >= 1);
	end();
}

static void
test_what_nobody_delivers_any_more_is_dropped(void **state)
{
	unsigned n;

	(void)state;
	begin_busy(NULL);
	stop_threads();
	for (n = 0; n < CLIENTS; n++)
		assert_int_equal(lws_queue_write(handles[n], "late", 4,
						 LWS_WRITE_TEXT), 0);
	leave = 0;
	for (n = 0; n < THREADS; n++)
		assert_int_equal(pthread_create(&threads[n], NULL, run,
						(void *)(uintptr_t)n), 0);
	stop_threads();
	for (n = 0; n < CLIENTS; n++)
		lws_queue_write(handles[n], "late", 4, LWS_WRITE_TEXT);
	libwebsocket_context_destroy(server);
	libwebsocket_context_destroy(clients);
	assert_int_equal(closed, opened);
}

/* ---- certificates ---- */

static void *
reload(void *arg)
{
	while (!__atomic_load_n(&leave, __ATOMIC_ACQUIRE)) {
		if (lws_tls_reload(server, NULL, NULL))
			count(&wrong);
		sched_yield();
	}
	return arg;
}

static void
test_certificates_change_while_all_threads_shake_hands(void **state)
{
	pthread_t other;
	unsigned n;

	(void)state;
	if (!flow_over_tls())
		skip();
	begin(NULL);
	assert_int_equal(pthread_create(&other, NULL, reload, NULL), 0);
	for (n = 1; n <= 8; n++) {
		dial(8);
		UNTIL(answers == 8 * n);
	}
	__atomic_store_n(&leave, 1, __ATOMIC_RELEASE);
	assert_int_equal(pthread_join(other, NULL), 0);
	assert_int_equal(refused, 0);
	end();
}

/* ---- clients of several threads ---- */

static struct libwebsocket_context *both;
static unsigned established[2];		/* atomic, by the thread's number */

static int
stay(struct libwebsocket_context *context, struct libwebsocket *wsi,
     enum libwebsocket_callback_reasons reason, void *user, void *in,
     size_t len)
{
	(void)context;
	(void)wsi;
	(void)in;
	(void)len;
	if (reason != LWS_CALLBACK_CLIENT_ESTABLISHED)
		return 0;
	/* it was given the number of the thread that asked for it */
	if ((uintptr_t)user != thread)
		count(&wrong);
	else if (look(&established[thread - 1]) == 0 &&
		 !libwebsocket_client_connect_extended(
			 both, "127.0.0.1", port, flow_over_tls(), "/", "h",
			 NULL, "echo", -1, user))
		count(&wrong);
	count(&established[thread - 1]);
	return 0;
}

/* Serve once, connect one outside of a callback and another one inside. */
static void *
connect_two(void *number)
{
	const unsigned n = (unsigned)(uintptr_t)number;
	const uint64_t limit = flow_ms() + FLOW_PATIENCE_MS;

	thread = n + 1;
	lws_service_thread(both, 0, n);
	if (!libwebsocket_client_connect_extended(
		    both, "127.0.0.1", port, flow_over_tls(), "/", "h", NULL,
		    "echo", -1, (void *)(uintptr_t)thread))
		count(&wrong);
	while (look(&established[n]) < 2 && flow_ms() < limit)
		lws_service_thread(both, 100, n);
	return NULL;
}

static void
test_clients_belong_to_the_thread_that_connects_them(void **state)
{
	struct libwebsocket_protocols protocols[] = {
		{ .name = "echo", .callback = stay },
		{ .callback = NULL },
	};
	int none = CONTEXT_PORT_NO_LISTEN;
	pthread_t two[2];
	uintptr_t n;

	(void)state;
	begin(NULL);
	established[0] = established[1] = 0;
	both = create(protocols, &none, 2, NULL);
	assert_non_null(both);
	for (n = 0; n < 2; n++)
		assert_int_equal(pthread_create(&two[n], NULL, connect_two,
						(void *)n), 0);
	for (n = 0; n < 2; n++)
		assert_int_equal(pthread_join(two[n], NULL), 0);
	assert_int_equal(established[0], 2);
	assert_int_equal(established[1], 2);
	libwebsocket_context_destroy(both);
	end();
}

/* ---- what cannot be had ---- */

static void
test_more_threads_than_there_may_be_are_refused(void **state)
{
	int at = 0;

	(void)state;
	assert_null(create(served, &at, 256, NULL));
	assert_non_null(strstr(last_line, "count_threads is 256"));
	assert_null(create(served, &at, 2, "external"));
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
squat(int *at)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
				    sizeof(on)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on,
				    sizeof(on)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, len), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	*at = ntohs(sa.sin_port);
	return fd;
}

static void
test_a_port_is_not_shared_with_who_has_it_already(void **state)
{
	int at, fd = squat(&at);

	(void)state;
	assert_null(create(served, &at, 2, NULL));
	assert_non_null(strstr(last_line, "is in use"));
	close(fd);
	server = create(served, &at, 2, NULL);
	assert_non_null(server);
	libwebsocket_context_destroy(server);
}

/* How many descriptors are open? */
static unsigned
descriptors(void)
{
	unsigned n = 0;
	int fd;

	for (fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void
test_too_few_descriptors_undo_all_of_it(void **state)
{
	const unsigned before = descriptors();
	struct rlimit was, few;
	unsigned n, made = 0;
	int at;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	for (n = before; !made; n++) {
		assert_true(n < before + 64);
		few = was;
		few.rlim_cur = n;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		at = 0;
		server = create(served, &at, THREADS, NULL);
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
		cmocka_unit_test(test_all_connections_of_all_threads_are_asked),
		cmocka_unit_test(
			test_threads_ask_for_the_connections_of_each_other),
		cmocka_unit_test(
			test_one_connection_is_asked_from_outside_without_a_thread_id),
		cmocka_unit_test(
			test_every_letter_arrives_and_those_of_one_writer_in_order),
		cmocka_unit_test(
			test_connections_come_and_go_while_they_are_written_to),
		cmocka_unit_test(test_what_nobody_delivers_any_more_is_dropped),
		cmocka_unit_test(
			test_certificates_change_while_all_threads_shake_hands),
		cmocka_unit_test(
			test_clients_belong_to_the_thread_that_connects_them),
		cmocka_unit_test(
			test_more_threads_than_there_may_be_are_refused),
		cmocka_unit_test(test_a_number_beyond_the_threads_is_refused),
		cmocka_unit_test(
			test_a_port_is_not_shared_with_who_has_it_already),
		cmocka_unit_test(test_too_few_descriptors_undo_all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
