/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of lws_broadcast_message() where several threads serve: whoever says
 * something, everybody hears it once, and what one says in order.
 */
#include "flow/flow.h"

#include <pthread.h>

#include "core/context.h"

#define THREADS 3
#define CLIENTS 24
#define WRITERS 2
#define LETTERS 200

static struct libwebsocket_context *server, *clients;
static int leave;		/* atomic */
static unsigned opened;		/* atomic */
static unsigned open_clients, heard, wrong, answers;

static int
serve(struct libwebsocket_context *context, struct libwebsocket *wsi,
      enum libwebsocket_callback_reasons reason, void *user, void *in,
      size_t len)
{
	(void)context;
	(void)user;
	if (reason == LWS_CALLBACK_ESTABLISHED)
		__atomic_add_fetch(&opened, 1, __ATOMIC_RELEASE);
	if (reason == LWS_CALLBACK_RECEIVE)
		lws_broadcast_message(libwebsockets_get_protocol(wsi), wsi, in,
				      len, LWS_WRITE_TEXT);
	return 0;
}

struct hearer {
	unsigned next[WRITERS];
};

static int
hear(struct libwebsocket_context *context, struct libwebsocket *wsi,
     enum libwebsocket_callback_reasons reason, void *user, void *in,
     size_t len)
{
	struct hearer *h = user;
	unsigned writer, number;

	(void)context;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		open_clients++;
		break;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		libwebsocket_write(wsi, (unsigned char *)"hello", 5,
				   LWS_WRITE_TEXT);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		if (len == 5 && !memcmp(in, "hello", 5)) {
			answers++;
			break;
		}
		if (sscanf(in, "%u %u", &writer, &number) != 2 ||
		    writer >= WRITERS || number != h->next[writer]++)
			wrong++;
		heard++;
		break;
	}
	return 0;
}

static struct libwebsocket_protocols served[] = {
	{ .name = "news", .callback = serve },
	{ .callback = NULL },
};
static struct libwebsocket_protocols consumed[] = {
	{ .name = "news", .callback = hear,
	  .per_session_data_size = sizeof(struct hearer) },
	{ .callback = NULL },
};

static void *
service(void *arg)
{
	const unsigned n = (unsigned)(uintptr_t)arg;

	while (!__atomic_load_n(&leave, __ATOMIC_ACQUIRE))
		lws_service_thread(server, 20, n);
	return NULL;
}

static void *
say(void *arg)
{
	const unsigned writer = (unsigned)(uintptr_t)arg;
	char line[64];
	unsigned n;

	for (n = 0; n < LETTERS; n++) {
		int len = snprintf(line, sizeof(line), "%u %u", writer, n);

		if (lws_broadcast_message(served, NULL,
					  (const unsigned char *)line,
					  (size_t)len, LWS_WRITE_TEXT) < 0)
			return arg ? arg : &leave;
	}
	return NULL;
}

static struct libwebsocket_context *
create(struct libwebsocket_protocols *protocols, int *port, unsigned threads)
{
	struct lws_context_creation_info info;
	struct libwebsocket_context *context;

	memset(&info, 0, sizeof(info));
	info.port = *port;
	info.iface = *port == CONTEXT_PORT_NO_LISTEN ? NULL : "127.0.0.1";
	info.protocols = protocols;
	info.gid = info.uid = -1;
	info.count_threads = threads;
	context = libwebsocket_create_context(&info);
	assert_non_null(context);
	*port = info.port;
	return context;
}

#define UNTIL(condition) do {						\
	const uint64_t limit_ = flow_ms() + FLOW_PATIENCE_MS;		\
	while (!(condition)) {						\
		assert_true(flow_ms() < limit_);			\
		libwebsocket_service(clients, 10);			\
	}								\
} while (0)

static void
test_all_threads_say_it_to_all(void **state)
{
	pthread_t threads[THREADS], writers[WRITERS];
	int port = 0, none = CONTEXT_PORT_NO_LISTEN;
	struct libwebsocket *wsi[CLIENTS];
	void *failed;
	unsigned n;

	(void)state;
	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
	server = create(served, &port, THREADS);
	clients = create(consumed, &none, 1);
	for (n = 0; n < THREADS; n++)
		assert_int_equal(pthread_create(&threads[n], NULL, service,
						(void *)(uintptr_t)n), 0);
	for (n = 0; n < CLIENTS; n++) {
		wsi[n] = libwebsocket_client_connect(
			clients, "127.0.0.1", port, 0, "/", "127.0.0.1", NULL,
			"news", -1);
		assert_non_null(wsi[n]);
		UNTIL(open_clients == n + 1);
	}
	UNTIL(__atomic_load_n(&opened, __ATOMIC_ACQUIRE) == CLIENTS);
	for (n = 0; n < WRITERS; n++)
		assert_int_equal(pthread_create(&writers[n], NULL, say,
						(void *)(uintptr_t)n), 0);
	for (n = 0; n < CLIENTS; n++)
		libwebsocket_callback_on_writable(clients, wsi[n]);
	UNTIL(heard == CLIENTS * WRITERS * LETTERS &&
	      answers == CLIENTS * (CLIENTS - 1));
	for (n = 0; n < WRITERS; n++) {
		pthread_join(writers[n], &failed);
		assert_null(failed);
	}
	assert_int_equal(wrong, 0);
	__atomic_store_n(&leave, 1, __ATOMIC_RELEASE);
	libwebsocket_cancel_service(server);
	for (n = 0; n < THREADS; n++)
		pthread_join(threads[n], NULL);
	/* some of it is not delivered any more */
	say((void *)(uintptr_t)0);
	libwebsocket_context_destroy(server);
	libwebsocket_context_destroy(clients);
}

#define SEVERAL 8

/* Whoever serves two loops speaks for both; before that, for none. */
static void
test_a_thread_reaches_all_loops_that_it_serves(void **state)
{
	static const unsigned char text[] = "0 0";
	int port = 0, none = CONTEXT_PORT_NO_LISTEN;
	const uint64_t end = flow_ms() + FLOW_PATIENCE_MS;
	unsigned n;

	(void)state;
	leave = 0;
	opened = open_clients = heard = wrong = 0;
	server = create(served, &port, 2);
	clients = create(consumed, &none, 1);
	assert_true(lws_loop_other_thread(&server->loops[0]));
	assert_true(lws_loop_other_thread(&server->loops[1]));
	for (n = 0; n < SEVERAL; n++)
		assert_non_null(libwebsocket_client_connect(
			clients, "127.0.0.1", port, 0, "/", "127.0.0.1", NULL,
			"news", -1));
	while (opened < SEVERAL || open_clients < SEVERAL) {
		assert_true(flow_ms() < end);
		lws_service_thread(server, 5, 0);
		lws_service_thread(server, 5, 1);
		libwebsocket_service(clients, 5);
	}
	assert_int_equal(lws_broadcast_message(served, NULL, text, 3,
					       LWS_WRITE_TEXT), SEVERAL);
	while (heard < SEVERAL) {
		assert_true(flow_ms() < end);
		lws_service_thread(server, 5, 0);
		lws_service_thread(server, 5, 1);
		libwebsocket_service(clients, 5);
	}
	assert_int_equal(wrong, 0);
	libwebsocket_context_destroy(server);
	libwebsocket_context_destroy(clients);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_threads_say_it_to_all),
		cmocka_unit_test(
			test_a_thread_reaches_all_loops_that_it_serves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
