/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Flows of a client on its way to a server: names that are slow or missing,
 * addresses that refuse or say nothing, and who gives up meanwhile.
 *
 * The resolver is the test's own.  "slow.example.org" waits until it is told
 * to go on; of other names each digit is the last byte of an address of
 * loopback, in that order.  Whoever listens on 127.0.0.2 has his queue full and
 * says nothing, 127.0.0.3 refuses.
 */
#include "flow/flow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include "base/limits.h"

/* ---- the resolver; helpers call it too ---- */

static int slow_may_go, at_once, most_at_once;

static void
wait_a_little(void)
{
	const struct timespec ms = { 0, 1000000 };

	nanosleep(&ms, NULL);
}

static int
being_slow(void)
{
	return __atomic_load_n(&at_once, __ATOMIC_SEQ_CST);
}

static void
be_slow(void)
{
	int now = __atomic_add_fetch(&at_once, 1, __ATOMIC_SEQ_CST);
	int most = __atomic_load_n(&most_at_once, __ATOMIC_SEQ_CST);

	while (now > most && !__atomic_compare_exchange_n(
			&most_at_once, &most, now, false, __ATOMIC_SEQ_CST,
			__ATOMIC_SEQ_CST))
		continue;
	while (!__atomic_load_n(&slow_may_go, __ATOMIC_SEQ_CST))
		wait_a_little();
	__atomic_sub_fetch(&at_once, 1, __ATOMIC_SEQ_CST);
}

struct entry {
	struct addrinfo info;
	struct sockaddr_in at;
};

static struct addrinfo *
entry_for(const char *address)
{
	struct entry *e = calloc(1, sizeof(*e));

	if (!e)
		abort();
	e->info.ai_family = AF_INET;
	e->info.ai_addr = (struct sockaddr *)&e->at;
	e->info.ai_addrlen = sizeof(e->at);
	e->at.sin_family = AF_INET;
	inet_pton(AF_INET, address, &e->at.sin_addr);
	return &e->info;
}

int
getaddrinfo(const char *node, const char *service,
	    const struct addrinfo *hints, struct addrinfo **found)
{
	struct addrinfo **end = found;
	struct in_addr literal;
	char address[32];

	(void)service;
	if (inet_pton(AF_INET, node, &literal) == 1) {
		*found = entry_for(node);
		return 0;
	}
	if (hints->ai_flags & AI_NUMERICHOST)
		return EAI_NONAME;
	if (!strcmp(node, "none.example.org"))
		return EAI_NONAME;
	if (!strcmp(node, "slow.example.org")) {
		be_slow();
		*found = entry_for("127.0.0.1");
		return 0;
	}
	for (; *node >= '0' && *node <= '9'; node++) {
		snprintf(address, sizeof(address), "127.0.0.%c", *node);
		*end = entry_for(address);
		end = &(*end)->ai_next;
	}
	return 0;
}

void
freeaddrinfo(struct addrinfo *list)
{
	struct addrinfo *next;

	for (; list; list = next) {
		next = list->ai_next;
		free(list);
	}
}

/* ---- somebody who says nothing ---- */

static int hole[9];

static struct sockaddr_in
second_loopback(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };

	inet_pton(AF_INET, "127.0.0.2", &at.sin_addr);
	at.sin_port = htons((uint16_t)port);
	return at;
}

/*
 * A listener whose queue is full; what comes then gets no answer.  It is full
 * when the first waits in it, and not before: a system that is busy may answer
 * several who come at once.
 */
static void
dig_hole(int port)
{
	const struct sockaddr_in at = second_loopback(port);
	struct pollfd first = { .events = POLLIN };
	const int on = 1;
	size_t n;

	for (n = 0; n < COUNT(hole); n++)
		hole[n] = socket(AF_INET, SOCK_STREAM, 0);
	/* the port may have been a hole before, and be remembered */
	setsockopt(hole[0], SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(hole[0], (const struct sockaddr *)&at,
			      sizeof(at)), 0);
	assert_int_equal(listen(hole[0], 0), 0);
	for (n = 1; n < COUNT(hole); n++) {
		fcntl(hole[n], F_SETFL, O_NONBLOCK);
		connect(hole[n], (const struct sockaddr *)&at, sizeof(at));
	}
	first.fd = hole[0];
	assert_int_equal(poll(&first, 1, FLOW_PATIENCE_MS), 1);
}

/*
 * Room for who asks again.  Those of us whom nobody has answered would ask, too,
 * at about the same time, and there is room for one.
 */
static void
make_room(void)
{
	int queued;
	size_t n;

	for (n = 1; n < COUNT(hole); n++) {
		close(hole[n]);
		hole[n] = -1;
	}
	fcntl(hole[0], F_SETFL, O_NONBLOCK);
	while ((queued = accept(hole[0], NULL, NULL)) >= 0)
		close(queued);
}

static void
fill_hole(void)
{
	size_t n;

	for (n = 0; n < COUNT(hole); n++)
		if (hole[n] >= 0)
			close(hole[n]);
}

/* ---- the tests ---- */

static int
forget(void **state)
{
	(void)state;
	__atomic_store_n(&slow_may_go, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&at_once, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&most_at_once, 0, __ATOMIC_SEQ_CST);
	return 0;
}

static struct flow_conn *
to(struct flow *f, const char *address)
{
	f->address = address;
	return flow_connect(f, 0, "second");
}

/* for tests in which connections run into AWAITING_TIMEOUT */
static void
need_bearable_timeout(void)
{
	if (AWAITING_TIMEOUT < FLOW_PATIENCE_MS / 2000)
		return;
	print_message("AWAITING_TIMEOUT is longer than tests wait\n");
	skip();
}

static bool
is_open(const struct flow_conn *c)
{
	return c->count[LWS_CALLBACK_CLIENT_ESTABLISHED];
}

static void
expect_error(struct flow *f, struct flow_conn *c, const char *why)
{
	assert_non_null(c);
	FLOW_UNTIL(f, flow_over(c));
	assert_int_equal(c->count[LWS_CALLBACK_CLIENT_CONNECTION_ERROR], 1);
	if (!strstr(c->why, why))
		fail_msg("\"%s\" does not say \"%s\"", c->why, why);
}

/* A build without threads looks names up in the call. */
static bool
has_helpers(struct flow *f)
{
	struct flow_conn *c = to(f, "1.example.org");
	const bool beside = libwebsocket_get_socket_fd(c->wsi) < 0;

	FLOW_UNTIL(f, is_open(c));
	return beside;
}

static void
test_others_are_served_while_a_name_is_looked_up(void **state)
{
	struct flow_conn *slow, *server, *client;
	struct flow f;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	if (has_helpers(&f)) {
		slow = to(&f, "slow.example.org");
		assert_non_null(slow);
		assert_int_equal(libwebsocket_get_socket_fd(slow->wsi), -1);
		/* remembered until it is open */
		assert_int_equal(libwebsocket_callback_on_writable(
				f.side[0].context, slow->wsi), 1);
		f.address = NULL;
		flow_pair(&f, &server, &client);
		flow_text(client, "hello");
		FLOW_UNTIL(&f, server->got.len == 5);
		assert_string_equal(flow_trace(slow), "WSI_CREATE");
		__atomic_store_n(&slow_may_go, 1, __ATOMIC_SEQ_CST);
		FLOW_UNTIL(&f, slow->count[LWS_CALLBACK_CLIENT_WRITEABLE]);
	}
	flow_end(&f);
}

static void
test_more_names_than_helpers_wait_for_their_turn(void **state)
{
	/* a listener with less room than they need may leave some out */
	const bool crowded = LWS_SOMAXCONN < 20;
	struct flow_conn *c[20];
	struct flow f;
	size_t n;
	int most;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	if (has_helpers(&f)) {
		for (n = 0; n < COUNT(c); n++)
			c[n] = to(&f, "slow.example.org");
		FLOW_UNTIL(&f, being_slow() >= 2);
		flow_idle(&f, 50);
		assert_true(being_slow() <= 8);
		__atomic_store_n(&slow_may_go, 1, __ATOMIC_SEQ_CST);
		for (n = 0; n < COUNT(c); n++)
			FLOW_UNTIL(&f, is_open(c[n]) ||
				       (crowded && flow_over(c[n])));
		most = __atomic_load_n(&most_at_once, __ATOMIC_SEQ_CST);
		assert_in_range(most, 2, 8);
	}
	flow_end(&f);
}

static void
test_a_name_that_is_none_is_told(void **state)
{
	struct flow f;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	expect_error(&f, to(&f, "none.example.org"), "no such host: none.example.org");
	flow_end(&f);
}

/* Helpers that were left alone give back what they have, in their time. */
static void
test_nobody_waits_for_a_slow_name(void **state)
{
	struct flow_conn *c[12];
	struct flow f;
	long blocks;
	size_t n;

	(void)state;
	flow_begin(&f);
	blocks = flow_blocks();
	flow_open(&f);
	if (!has_helpers(&f)) {
		flow_end(&f);
		return;
	}
	for (n = 0; n < COUNT(c); n++)
		c[n] = to(&f, "slow.example.org");
	FLOW_UNTIL(&f, being_slow());
	/* one that is being looked up, and one that waits for that */
	libwebsocket_close_and_free_session(f.side[0].context, c[0]->wsi,
					    LWS_CLOSE_STATUS_NORMAL);
	libwebsocket_close_and_free_session(f.side[0].context, c[11]->wsi,
					    LWS_CLOSE_STATUS_NORMAL);
	assert_true(flow_over(c[0]) && flow_over(c[11]));
	flow_destroy(&f.side[0]);
	for (n = 1; n < COUNT(c) - 1; n++)
		assert_string_equal(c[n]->why,
				    "the context is being destroyed");
	__atomic_store_n(&slow_may_go, 1, __ATOMIC_SEQ_CST);
	FLOW_UNTIL(&f, (wait_a_little(), flow_blocks() == blocks));
	flow_end(&f);
}

static void
test_an_address_that_refuses_costs_no_time(void **state)
{
	struct flow_conn *c;
	struct flow f;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	c = to(&f, "3333331.example.org");
	FLOW_UNTIL(&f, is_open(c));
	expect_error(&f, to(&f, "333.example.org"), "connection refused by 127.0.0.3");
	flow_end(&f);
}

static void
race(bool external)
{
	struct flow_conn *c;
	struct flow f;
	uint64_t begun;
	int fd;

	flow_begin(&f);
	f.side[0].external = external;
	flow_open(&f);
	dig_hole(flow_port(&f));
	begun = flow_ms();
	c = to(&f, "21.example.org");
	FLOW_UNTIL(&f, libwebsocket_get_socket_fd(c->wsi) >= 0);
	fd = libwebsocket_get_socket_fd(c->wsi);
	FLOW_UNTIL(&f, is_open(c));
	assert_true(flow_ms() - begun >= 240);
	assert_int_equal(libwebsocket_get_socket_fd(c->wsi), fd);
	flow_text(c, "over the second");
	FLOW_UNTIL(&f, flow_server(&f, 0)->got.len == 15);
	fill_hole();
	flow_end(&f);
}

static void
test_silence_gets_company_after_a_quarter_of_a_second(void **state)
{
	(void)state;
	race(false);
}

static void
test_poll_loops_of_others_see_both_sockets(void **state)
{
	(void)state;
	race(true);
}

static void
test_the_first_may_still_win(void **state)
{
	struct flow_conn *c;
	struct flow f;

	(void)state;
	if (flow_over_tls())
		skip();
	flow_begin(&f);
	flow_open(&f);
	dig_hole(flow_port(&f));
	/* 2 says nothing and 3 refuses: who is left is the first */
	c = to(&f, "23.example.org");
	flow_idle(&f, 400);
	assert_false(flow_over(c));
	make_room();
	FLOW_UNTIL(&f, c->count[LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER] ||
		       flow_over(c));
	assert_false(flow_over(c));
	fill_hole();
	flow_end(&f);
}

static void
test_silence_of_all_has_its_time(void **state)
{
	struct flow_conn *c;
	struct flow f;
	uint64_t begun = flow_ms();

	(void)state;
	need_bearable_timeout();
	flow_begin(&f);
	flow_open(&f);
	dig_hole(flow_port(&f));
	c = to(&f, "232.example.org");
	expect_error(&f, c, "no connection to 127.0.0.2");
	assert_true(flow_ms() - begun >=
		    UINT64_C(1000) * AWAITING_TIMEOUT - 100);
	fill_hole();
	flow_end(&f);
}

/* Ends while two sockets are on their way. */
static void
test_who_gives_up_leaves_no_socket(void **state)
{
	struct flow f;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	dig_hole(flow_port(&f));
	to(&f, "22.example.org");
	to(&f, "22.example.org");
	flow_idle(&f, 400);
	libwebsocket_close_and_free_session(f.side[0].context,
					    flow_client(&f, 0)->wsi,
					    LWS_CLOSE_STATUS_NORMAL);
	assert_true(flow_over(flow_client(&f, 0)));
	fill_hole();
	flow_end(&f);
}

static void
try_with_allocation_failing(long n, bool *failed)
{
	struct flow_conn *c;
	struct flow f;

	flow_begin(&f);
	flow_open(&f);
	dig_hole(flow_port(&f));
	flow_fail_allocation(n);
	c = to(&f, "231.example.org");
	if (c)
		FLOW_UNTIL(&f, is_open(c) || flow_over(c));
	*failed = flow_allocation_failed();
	flow_fail_allocation(-1);
	if (*failed && c && flow_over(c))
		assert_int_equal(
			c->count[LWS_CALLBACK_CLIENT_CONNECTION_ERROR], 1);
	fill_hole();
	flow_end(&f);
}

static void
test_every_allocation_may_fail(void **state)
{
	bool failed = true;
	long n;

	(void)state;
	need_bearable_timeout();
	for (n = 0; failed && n < 100; n++)
		try_with_allocation_failing(n, &failed);
	assert_false(failed);
}

/* ---- eras ---- */

static unsigned errors_told;

static int
quiet(struct libwebsocket_context *context, struct libwebsocket *wsi,
      enum libwebsocket_callback_reasons reason, void *user, void *in,
      size_t len)
{
	(void)context;
	(void)wsi;
	(void)user;
	(void)in;
	(void)len;
	errors_told += reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR;
	return 0;
}

static void
test_the_first_eras_have_a_socket_on_return(void **state)
{
	struct libwebsocket_protocols protocols[] = {
		{ .name = "quiet", .callback = quiet }, { .name = NULL },
	};
	struct lws_context_creation_info info = {
		.port = -1, .protocols = protocols, .gid = -1, .uid = -1,
	};
	struct libwebsocket_context *context;
	struct libwebsocket *wsi;
	struct flow f;
	static const int eras[] = { 100, 120 };
	size_t n;

	(void)state;
	if (flow_over_tls())
		skip();
	flow_begin(&f);
	flow_open(&f);
	for (n = 0; n < COUNT(eras); n++) {
		context = lws_create_context_era(&info, eras[n]);
		assert_non_null(context);
		wsi = libwebsocket_client_connect(context, "1.example.org",
						  flow_port(&f), 0, "/", "h",
						  NULL, NULL, -1);
		assert_non_null(wsi);
		assert_true(libwebsocket_get_socket_fd(wsi) >= 0);
		assert_null(libwebsocket_client_connect(context, "none.example.org",
							flow_port(&f), 0, "/",
							"h", NULL, NULL, -1));
		assert_int_equal(errors_told, 0);
		libwebsocket_context_destroy(context);
		assert_int_equal(errors_told, 1);
		errors_told = 0;
	}
	flow_end(&f);
}

#ifndef LWS_NO_FORK
/* ---- forks ---- */

/* flow.h follows no connection into another process: a context of our own. */
static struct libwebsocket_context *
create_server(struct libwebsocket_protocols *protocols, int *port)
{
	struct lws_context_creation_info info;
	struct libwebsocket_context *context;

	memset(&info, 0, sizeof(info));
	protocols[0].name = "quiet";
	protocols[0].callback = quiet;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.uid = info.gid = -1;
	context = libwebsocket_create_context(&info);
	assert_non_null(context);
	*port = info.port;
	return context;
}

/* Open here while a child serves; before, a client was going @where. */
static unsigned
left_by_a_fork(const char *where)
{
	struct libwebsocket_protocols protocols[2] = { { 0 } };
	struct libwebsocket_context *context;
	unsigned fds;
	int port;

	context = create_server(protocols, &port);
	dig_hole(port);
	fds = flow_count_fds();
	if (where)
		assert_non_null(libwebsocket_client_connect(
			context, where, port, 0, "/", where, NULL, NULL, -1));
	/* a socket, and company for it */
	while (where && flow_count_fds() < fds + 2)
		assert_true(libwebsocket_service(context, 50) >= 0);
	assert_int_equal(libwebsockets_fork_service_loop(context), 0);
	fill_hole();
	fds = flow_count_fds();
	libwebsocket_context_destroy(context);
	return fds;
}

static void
test_a_fork_leaves_no_socket_of_a_race_behind(void **state)
{
	(void)state;
	if (flow_over_tls())
		skip();
	assert_int_equal(left_by_a_fork("22.example.org"),
			 left_by_a_fork(NULL));
}
#endif

#define TEST(name) cmocka_unit_test_setup(name, forget)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_others_are_served_while_a_name_is_looked_up),
		TEST(test_more_names_than_helpers_wait_for_their_turn),
		TEST(test_a_name_that_is_none_is_told),
		TEST(test_nobody_waits_for_a_slow_name),
		TEST(test_an_address_that_refuses_costs_no_time),
		TEST(test_silence_gets_company_after_a_quarter_of_a_second),
		TEST(test_poll_loops_of_others_see_both_sockets),
		TEST(test_the_first_may_still_win),
		TEST(test_silence_of_all_has_its_time),
		TEST(test_who_gives_up_leaves_no_socket),
		TEST(test_every_allocation_may_fail),
		TEST(test_the_first_eras_have_a_socket_on_return),
#ifndef LWS_NO_FORK
		TEST(test_a_fork_leaves_no_socket_of_a_race_behind),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
