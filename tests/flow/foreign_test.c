/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of programs that wait by themselves: what they are told in each era,
 * what they may refuse, how long they may wait, and what they may hand in.
 */
#include "flow/flow.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>

/* ---- a program of any era, which checks what it is told ---- */

static struct {
	int era;
	struct pollfd polls[16];
	unsigned count;
	unsigned locked, changes, wakes, adds;
	int thread_id;
	unsigned refuse;	/* the how manyth ADD, from 1; 0: none */
	unsigned writeable, received, opened, closed, errors;
	struct libwebsocket *server;
} app;

static struct pollfd *
entry(int fd)
{
	unsigned n;

	for (n = 0; n < app.count; n++)
		if (app.polls[n].fd == fd)
			return &app.polls[n];
	return NULL;
}

static int
app_add(const struct libwebsocket *wsi, int fd, int events)
{
	assert_null(entry(fd));
	assert_int_equal(events, POLLIN);
	app.adds++;
	if (app.adds == app.refuse)
		return 1;
	app.wakes += !wsi;
	app.polls[app.count].events = POLLIN;
	app.polls[app.count].revents = 0;
	app.polls[app.count++].fd = fd;
	return 0;
}

static void
app_change(int fd, int was, int now)
{
	struct pollfd *p = entry(fd);

	assert_non_null(p);
	assert_int_equal(p->events, was);
	assert_int_not_equal(was, now);
	p->events = (short)now;
	app.changes++;
}

static void
app_del(int fd)
{
	struct pollfd *p = entry(fd);

	/* one that was refused was never there */
	assert_true(p || app.refuse);
	assert_true(fcntl(fd, F_GETFD) >= 0);
	if (p)
		*p = app.polls[--app.count];
}

/* 130 and later: a struct, and brackets around each change */
static int
told_now(const struct libwebsocket *wsi, int reason, const void *in)
{
	const struct libwebsocket_pollargs *args = in;

	switch (reason) {
	case LWS_CALLBACK_LOCK_POLL:
		assert_int_equal(app.locked++, 0);
		return 0;
	case LWS_CALLBACK_UNLOCK_POLL:
		assert_int_equal(app.locked--, 1);
		return 0;
	}
	assert_int_equal(app.locked, 1);
	switch (reason) {
	case LWS_CALLBACK_ADD_POLL_FD:
		assert_int_equal(args->prev_events, 0);
		return app_add(wsi, args->fd, args->events);
	case LWS_CALLBACK_DEL_POLL_FD:
		app_del(args->fd);
		return 0;
	case LWS_CALLBACK_CHANGE_MODE_POLL_FD:
		app_change(args->fd, args->prev_events, args->events);
		return 0;
	}
	fail_msg("era %d is told %d", app.era, reason);
	return 0;
}

/* before: the descriptor in user or in @in, bits in @len */
static int
told_then(const struct libwebsocket *wsi, int reason, void *user, void *in,
	  size_t len)
{
	const int fd = (int)(intptr_t)(app.era < 123 ? user : in);
	const struct pollfd *p = entry(fd);
	const int bits = (int)len;

	switch (reason) {
	case LWS_CALLBACK_ADD_POLL_FD:
		return app_add(wsi, fd, bits);
	case LWS_CALLBACK_DEL_POLL_FD:
		app_del(fd);
		return 0;
	case LWS_CALLBACK_SET_MODE_POLL_FD:
		assert_non_null(p);
		app_change(fd, p->events, p->events | bits);
		return 0;
	case LWS_CALLBACK_CLEAR_MODE_POLL_FD:
		assert_non_null(p);
		assert_int_equal(p->events & bits, bits);
		app_change(fd, p->events, p->events & ~bits);
		return 0;
	}
	fail_msg("era %d is told %d", app.era, reason);
	return 0;
}

static bool
is_poll(int reason)
{
	return (reason >= LWS_CALLBACK_ADD_POLL_FD &&
		reason <= LWS_CALLBACK_UNLOCK_POLL) ||
	       reason == LWS_CALLBACK_SET_MODE_POLL_FD ||
	       reason == LWS_CALLBACK_CLEAR_MODE_POLL_FD;
}

static int
app_callback(struct libwebsocket_context *context, struct libwebsocket *wsi,
	     enum libwebsocket_callback_reasons reason, void *user, void *in,
	     size_t len)
{
	(void)context;
	if (is_poll((int)reason))
		return app.era < 130
			       ? told_then(wsi, (int)reason, user, in, len)
			       : told_now(wsi, (int)reason, in);
	switch ((int)reason) {
	case LWS_CALLBACK_GET_THREAD_ID:
		return app.thread_id ? (int)(intptr_t)pthread_self() | 1 : 0;
	case LWS_CALLBACK_ESTABLISHED:
		app.server = wsi;
		break;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		app.opened++;
		break;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		/* taken back before, so that asking again means something */
		assert_int_equal(
			entry(libwebsocket_get_socket_fd(wsi))->events,
			POLLIN);
		app.writeable++;
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		app.received += (unsigned)len;
		break;
	case LWS_CALLBACK_CLOSED:
		app.closed++;
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		app.errors++;
		break;
	}
	return 0;
}

static struct libwebsocket_protocols app_protocols[] = {
	{ .name = "one", .callback = app_callback },
	{ .name = NULL }
};

static struct libwebsocket_context *
app_open(int era, const char *backend, unsigned refuse, int *port)
{
	struct lws_context_creation_info info = {
		.iface = "127.0.0.1",
		.protocols = app_protocols,
		.uid = -1,
		.gid = -1,
		.event_backend = backend,
	};
	struct libwebsocket_context *context;

	memset(&app, 0, sizeof(app));
	app.era = era;
	app.refuse = refuse;
	info.port = *port;
	lws_set_log_level(0, NULL);
	context = lws_create_context_era(&info, era);
	*port = info.port;
	return context;
}

/* Eras before 130 cannot say "any port", so that is found out for them. */
static int
free_port(void)
{
	int port = 0;
	struct libwebsocket_context *context =
		app_open(140, NULL, 0, &port);

	assert_non_null(context);
	libwebsocket_context_destroy(context);
	return port;
}

static void
app_turn(struct libwebsocket_context *context)
{
	int ms = lws_service_timeout_ms(context, 50);
	int n = poll(app.polls, app.count, ms);

	if (n <= 0)
		assert_int_equal(libwebsocket_service_fd(context, NULL), 0);
	for (n = n > 0 ? (int)app.count - 1 : -1; n >= 0; n--) {
		struct pollfd one = app.polls[n];

		if (n >= (int)app.count || !one.revents)
			continue;
		app.polls[n].revents = 0;
		assert_true(libwebsocket_service_fd(context, &one) >= 0);
		assert_int_equal(one.revents, 0);
	}
}

#define APP_UNTIL(context, condition) do {				\
	const uint64_t app_limit_ = flow_ms() + FLOW_PATIENCE_MS;	\
	while (!(condition)) {						\
		if (flow_ms() > app_limit_)				\
			fail_msg("still not: %s", #condition);		\
		app_turn(context);					\
	}								\
} while (0)

static struct libwebsocket *
app_connect(struct libwebsocket_context *context, int port)
{
	return libwebsocket_client_connect(context, "127.0.0.1", port, 0, "/",
					   "localhost", NULL, "one", -1);
}

static void *
ask_from_afar(void *context)
{
	assert_int_equal(libwebsocket_callback_on_writable(context,
							   app.server), 1);
	return NULL;
}

static const int eras[] = { 100, 110, 120, 123, 130, 140 };
static const char *const backends[] = { NULL, "poll", "external" };

static void
test_every_era_is_told_in_its_own_way(void **state)
{
	char text[LWS_SEND_BUFFER_PRE_PADDING + 5 +
		  LWS_SEND_BUFFER_POST_PADDING] = { 0 };
	struct libwebsocket_context *context;
	int port = free_port();
	pthread_t thread;
	size_t era, m;

	(void)state;
	for (era = 0; era < COUNT(eras); era++)
	for (m = 0; m < COUNT(backends); m++) {
		context = app_open(eras[era], backends[m], 0, &port);
		if (!context)
			fail_msg("era %d, %s", eras[era], backends[m]);
		assert_int_equal(app.wakes, 1);
		assert_int_equal(app.adds, 2);
		assert_non_null(app_connect(context, port));
		APP_UNTIL(context, app.server && app.opened);
		assert_int_equal(app.count, 4);
		app.changes = 0;
		libwebsocket_callback_on_writable(context, app.server);
		APP_UNTIL(context, app.writeable);
		memcpy(text + LWS_SEND_BUFFER_PRE_PADDING, "hello", 5);
		libwebsocket_write(app.server,
				   (unsigned char *)text +
					   LWS_SEND_BUFFER_PRE_PADDING,
				   5, LWS_WRITE_TEXT);
		APP_UNTIL(context, app.received == 5);
		/* asked by another thread, and nobody here is awake */
		app.thread_id = 1;
		app_turn(context);
		app.writeable = 0;
		assert_int_equal(pthread_create(&thread, NULL, ask_from_afar,
						context), 0);
		APP_UNTIL(context, app.writeable);
		pthread_join(thread, NULL);
		app.thread_id = 0;
		assert_true(app.changes >= 2);
		libwebsocket_context_destroy(context);
		assert_int_equal(app.closed, 2);
		assert_int_equal(app.count, 0);
		assert_int_equal(app.locked, 0);
	}
}

static void
test_what_is_refused_does_not_exist(void **state)
{
	struct libwebsocket_context *context;
	int port = free_port();
	size_t era;

	(void)state;
	for (era = 0; era < COUNT(eras); era++) {
		/* the descriptor that wakes, and the listener */
		assert_null(app_open(eras[era], NULL, 1, &port));
		assert_int_equal(app.count, 0);
		assert_null(app_open(eras[era], NULL, 2, &port));
		assert_int_equal(app.count, 0);
		/* a client, then what the server accepted */
		context = app_open(eras[era], "external", 3, &port);
		assert_non_null(context);
		if (app_connect(context, port))
			APP_UNTIL(context, app.errors == 1);
		assert_int_equal(app.opened, 0);
		/* what had reached the listener may be there for a while */
		libwebsocket_context_destroy(context);
		assert_int_equal(app.count, 0);
		context = app_open(eras[era], "external", 4, &port);
		assert_non_null(context);
		assert_non_null(app_connect(context, port));
		APP_UNTIL(context, app.errors == 1);
		assert_int_equal(app.count, 2);
		assert_non_null(app_connect(context, port));
		APP_UNTIL(context, app.server && app.opened);
		assert_int_equal(app.count, 4);
		libwebsocket_context_destroy(context);
		assert_int_equal(app.count, 0);
		assert_int_equal(app.closed, 2);
	}
}

/* ---- how long to wait ---- */

static void
test_a_loop_is_told_how_long_it_may_wait(void **state)
{
	struct libwebsocket_context *context;
	struct flow_conn *s, *c;
	struct flow f;
	int ms;

	(void)state;
	flow_begin(&f);
	f.side[0].info.event_backend = "external";
	f.side[0].external = true;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	flow_idle(&f, 50);
	context = f.side[0].context;
	assert_int_equal(lws_service_timeout_ms(context, -1), -1);
	assert_int_equal(lws_service_timeout_ms(context, 0), 0);
	assert_int_equal(lws_service_timeout_ms(context, 1234), 1234);
	libwebsocket_set_timeout(s->wsi, PENDING_TIMEOUT_CLOSE_ACK, 3);
	ms = lws_service_timeout_ms(context, -1);
	assert_in_range(ms, 1, 4000);
	assert_int_equal(lws_service_timeout_ms(context, 1), 1);
	libwebsocket_set_timeout(s->wsi, PENDING_TIMEOUT_CLOSE_ACK, 0);
	FLOW_UNTIL(&f, flow_over(s) && flow_over(c));
	flow_end(&f);
}

/* Keepalive counts in milliseconds; once a second would be too seldom. */
static void
test_alarms_ring_in_time_where_the_loop_asks(void **state)
{
	struct flow_conn *s, *c;
	struct flow_side *side;
	struct flow f;
	unsigned n;

	(void)state;
	flow_begin(&f);
	side = &f.side[0];
	side->info.event_backend = "external";
	side->info.ping_interval_ms = 40;
	side->info.pong_timeout_ms = 60000;
	side->external = true;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	while (lws_get_rtt_us(s->wsi) < 0 || lws_get_rtt_us(c->wsi) < 0) {
		int ms = lws_service_timeout_ms(side->context, -1);

		assert_true(ms >= 0);
		if (!poll(side->polls, side->count_polls, ms))
			libwebsocket_service_fd(side->context, NULL);
		for (n = 0; n < side->count_polls; n++) {
			struct pollfd p = side->polls[n];

			side->polls[n].revents = 0;
			libwebsocket_service_fd(side->context, &p);
		}
	}
	flow_end(&f);
}

static int
echo(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
     size_t len)
{
	if (reason == LWS_CALLBACK_RECEIVE)
		flow_write(c, in, len, LWS_WRITE_TEXT);
	if (reason == LWS_CALLBACK_SERVER_WRITEABLE && c->n-- > 0)
		libwebsocket_callback_on_writable(c->side->context, c->wsi);
	return 0;
}

static struct libwebsocket_context *waited_for;

static void
wait_for_one(int ms)
{
	struct pollfd p = { .events = POLLIN };

	p.fd = lws_service_descriptor(waited_for);
	poll(&p, 1, lws_service_timeout_ms(waited_for, ms));
	assert_int_equal(libwebsocket_service(waited_for, 0), 0);
}

static void
test_one_descriptor_stands_for_all(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	int n;

	(void)state;
	flow_begin(&f);
	f.hook = echo;
	flow_open(&f);
	waited_for = f.side[0].context;
	if (lws_service_descriptor(waited_for) < 0) {
		flow_end(&f);
		skip();
	}
	f.side[0].loop = wait_for_one;
	flow_pair(&f, &s, &c);
	for (n = 1; n <= 20; n++) {
		flow_text(c, "hello");
		FLOW_UNTIL(&f, c->got.len == 5u * (unsigned)n);
	}
	/* nothing but the request itself makes it readable */
	s->n = 20;
	libwebsocket_callback_on_writable(waited_for, s->wsi);
	while (s->n >= 0)
		wait_for_one(FLOW_PATIENCE_MS);
	libwebsocket_cancel_service(waited_for);
	wait_for_one(-1);
	flow_end(&f);
}

static void
test_backends_without_a_set_have_no_descriptor(void **state)
{
	static const char *const without[] = { "poll", "external" };
	struct flow f;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(without); n++) {
		flow_begin(&f);
		f.side[0].info.event_backend = without[n];
		flow_open(&f);
		assert_int_equal(lws_service_descriptor(f.side[0].context),
				 -1);
		flow_end(&f);
	}
}

/* ---- what is handed in ---- */

static struct flow_conn *
external_server(struct flow *f, struct flow_raw **r)
{
	flow_begin(f);
	f->side[0].info.event_backend = "external";
	f->side[0].external = true;
	flow_open(f);
	*r = flow_raw_ws(f, 0);
	return flow_server(f, 0);
}

static void
test_a_hangup_without_data_ends_the_connection(void **state)
{
	static const short rows[] = { POLLHUP, POLLERR, POLLHUP | POLLERR,
				      POLLNVAL };
	struct pollfd p = { .events = POLLIN };
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		s = external_server(&f, &r);
		p.fd = s->fd;
		p.revents = rows[n];
		assert_int_equal(libwebsocket_service_fd(f.side[0].context,
							 &p), 1);
		assert_int_equal(p.revents, 0);
		assert_int_equal(s->count[LWS_CALLBACK_CLOSED], 1);
		flow_end(&f);
	}
}

static void
test_with_data_that_is_read_first(void **state)
{
	struct pollfd p = { .events = POLLIN };
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;

	(void)state;
	s = external_server(&f, &r);
	/* nobody turns the loop until it is there */
	r->deaf = true;
	flow_raw_try(r, "\x81\x84\0\0\0\0last", 10);
	p.fd = s->fd;
	assert_int_equal(poll(&p, 1, FLOW_PATIENCE_MS), 1);
	p.revents = POLLIN | POLLHUP;
	assert_true(libwebsocket_service_fd(f.side[0].context, &p) >= 0);
	assert_int_equal(s->got.len, 4);
	assert_memory_equal(s->got.p, "last", 4);
	flow_end(&f);
}

/* Several frames in one record, which poll() sees as one event. */
static void
test_all_of_a_tls_record_is_served(void **state)
{
	static char frames[2000 * 8];
	struct pollfd p = { .events = POLLIN };
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;
	size_t n;

	(void)state;
	if (!flow_over_tls())
		skip();
	s = external_server(&f, &r);
	for (n = 0; n < sizeof(frames); n += 8)
		memcpy(frames + n, "\x81\x82\0\0\0\0ab", 8);
	r->deaf = true;
	assert_int_equal(flow_raw_try(r, frames, sizeof(frames)),
			 sizeof(frames));
	p.fd = s->fd;
	while (s->got.len < 4000) {
		assert_int_equal(poll(&p, 1, FLOW_PATIENCE_MS), 1);
		libwebsocket_service_fd(f.side[0].context, &p);
	}
	assert_int_equal(s->got.len, 4000);
	flow_end(&f);
}

/* It has had its DEL: only the library looks at it, when it is told to. */
static void
test_who_lingers_is_looked_at_with_the_timeouts(void **state)
{
	const size_t len = 6u << 20;
	char *text = calloc(1, len);
	struct flow_side *side;
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;
	uint64_t end;

	(void)state;
	assert_non_null(text);
	flow_begin(&f);
	side = &f.side[0];
	side->info.event_backend = "external";
	side->external = true;
	flow_open(&f);
	r = flow_raw_ws(&f, 4096);
	s = flow_server(&f, 0);
	r->deaf = true;
	flow_write(s, text, len, LWS_WRITE_BINARY);
	libwebsockets_hangup_on_client(side->context, s->fd);
	assert_int_equal(s->count[LWS_CALLBACK_CLOSED], 1);
	assert_int_equal(side->count_polls, 2);
	r->deaf = false;
	end = flow_ms() + FLOW_PATIENCE_MS;
	while (!r->eof && !r->reset && flow_ms() < end)
		flow_turn(&f);
	assert_true(r->eof || r->reset);
	flow_end(&f);
	free(text);
}

/* ---- descriptors beyond the table ---- */

static void
test_descriptors_above_the_table_are_said_and_cost_nobody_else(void **state)
{
	struct rlimit old, low;
	struct flow_conn *s, *c;
	struct flow_raw *r;
	struct flow f;
	int high[1100], n, count = 0;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	if (old.rlim_max < 2048)
		skip();
	low = old;
	low.rlim_cur = 1024;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	flow_begin(&f);
	flow_open(&f);
	flow_pair(&f, &s, &c);
	low.rlim_cur = 2048;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	do
		high[count] = dup(STDERR_FILENO);
	while (high[count] >= 0 && high[count++] < 1030 && count < 1100);
	r = flow_raw_tcp(&f, 0);
	FLOW_UNTIL(&f, r->eof || r->reset);
	assert_int_equal(flow_warnings(), 1);
	assert_non_null(strstr(flow_last_line(), "descriptor"));
	flow_text(s, "still");
	FLOW_UNTIL(&f, c->got.len == 5);
	for (n = 0; n < count; n++)
		close(high[n]);
	r = flow_raw_ws(&f, 0);
	flow_end(&f);
	setrlimit(RLIMIT_NOFILE, &old);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_era_is_told_in_its_own_way),
		cmocka_unit_test(test_what_is_refused_does_not_exist),
		cmocka_unit_test(test_a_loop_is_told_how_long_it_may_wait),
		cmocka_unit_test(test_alarms_ring_in_time_where_the_loop_asks),
		cmocka_unit_test(test_one_descriptor_stands_for_all),
		cmocka_unit_test(
			test_backends_without_a_set_have_no_descriptor),
		cmocka_unit_test(
			test_a_hangup_without_data_ends_the_connection),
		cmocka_unit_test(test_with_data_that_is_read_first),
		cmocka_unit_test(test_all_of_a_tls_record_is_served),
		cmocka_unit_test(
			test_who_lingers_is_looked_at_with_the_timeouts),
		cmocka_unit_test(
			test_descriptors_above_the_table_are_said_and_cost_nobody_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
