/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of what happens to those who are late: all of them at the same time,
 * since nobody may be late for less than AWAITING_TIMEOUT seconds.
 */
#include "flow/flow.h"

#include "base/limits.h"

/* a clock that is read once a turn, and a tick of the system's timer */
#define SLACK_MS 50

struct late {
	struct flow_raw *r;	/* or NULL: a client of ours */
	struct flow_conn *c;
	unsigned seconds;	/* until it ends; 0: it stays */
	const char *want;	/* read before the end; NULL: nothing */
	uint64_t ended;
};

static struct late all[32];
static unsigned count;

static int
mind(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
     size_t len)
{
	(void)len;
	if (reason == LWS_CALLBACK_HTTP && !strcmp(in, "/kept")) {
		libwebsockets_return_http_status(c->side->context, c->wsi, 200,
						 "");
		return lws_http_transaction_completed(c->wsi);
	}
	if (reason == LWS_CALLBACK_HTTP && !strcmp(in, "/armed"))
		libwebsocket_set_timeout(c->wsi, PENDING_TIMEOUT_HTTP_CONTENT,
					 2);
	if (reason == LWS_CALLBACK_HTTP && !strcmp(in, "/off"))
		libwebsocket_set_timeout(c->wsi, NO_PENDING_TIMEOUT, 0);
	return 0;
}

static struct late *
add(struct flow *f, const char *text, unsigned seconds, const char *want)
{
	struct late *l = &all[count++];
	unsigned n = 0;

	while (flow_server(f, n))
		n++;
	l->r = flow_raw(f, 0);
	if (text)
		flow_raw_puts(f, l->r, text);
	FLOW_UNTIL(f, flow_server(f, n));
	l->c = flow_server(f, n);
	l->seconds = seconds;
	l->want = want;
	return l;
}

static struct late *
add_client(struct flow *f, int port, unsigned seconds, const char *why)
{
	struct late *l = &all[count++];

	l->r = NULL;
	l->c = flow_connect_to(f, 0, port, "second", NULL);
	l->seconds = seconds;
	l->want = why;
	return l;
}

static void
check(const struct late *l, uint64_t start)
{
	uint64_t took;

	if (!l->seconds) {
		assert_false(l->ended);
		return;
	}
	if (!l->ended)
		fail_msg("number %d did not end", (int)(l - all));
	took = l->ended - start;
	/* the connection began up to a moment after @start */
	if (took + SLACK_MS < l->seconds * 1000)
		fail_msg("number %d ended after %d ms", (int)(l - all),
			 (int)took);
	if (l->want && l->r && !flow_raw_has(l->r, l->want))
		fail_msg("number %d: %s", (int)(l - all), (char *)l->r->in.p);
	if (l->want && !l->r && !strstr(l->c->why, l->want))
		fail_msg("number %d: %s", (int)(l - all), l->c->why);
	if (!l->want && l->r)
		assert_int_equal(l->r->in.len, 0);
}

/* Has everybody ended who has a time, and been read who was told why? */
static bool
all_gone(void)
{
	unsigned n;

	for (n = 0; n < count; n++)
		if (all[n].seconds &&
		    (!all[n].ended || (all[n].r && !all[n].r->eof &&
				       !all[n].r->reset)))
			return false;
	return true;
}

static void
test_everybody_late_is_gone_in_time_and_nobody_else(void **state)
{
	static const char request[] =
		"GET /slow HTTP/1.1\r\nHost: a-rather-long-name\r\n";
	struct flow_conn *s, *c;
	struct flow_raw *dead;
	struct late *slow, *body, *ours, *theirs;
	uint64_t start, now;
	struct flow f;
	size_t fed = 0;
	int port, silent;
	unsigned n;

	(void)state;
	flow_begin(&f);
	f.hook = mind;
	flow_open(&f);
	dead = flow_raw_listen(&f, &silent);
	flow_raw_listen(&f, &port);
	flow_pair(&f, &s, &c);
	start = flow_ms();
	add(&f, NULL, AWAITING_TIMEOUT, NULL);
	slow = add(&f, NULL, AWAITING_TIMEOUT, " 408 ");
	add(&f, "GET / HTTP/1.1\r\nHost: h\r\n", AWAITING_TIMEOUT, " 408 ");
	add(&f, "GET /dull HTTP/1.1\r\nHost: h\r\n\r\n", AWAITING_TIMEOUT,
	    NULL);
	add(&f, "GET /armed HTTP/1.1\r\nHost: h\r\n\r\n", 2, NULL);
	add(&f, "GET /off HTTP/1.1\r\nHost: h\r\n\r\n", 0, NULL);
	add(&f, "GET /kept HTTP/1.1\r\nHost: h\r\n\r\n", 0, NULL);
	add(&f, "GET /kept HTTP/1.1\r\nHost: h\r\n\r\nGET", AWAITING_TIMEOUT,
	    " 408 ");
	add(&f, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99\r\n\r\nab",
	    AWAITING_TIMEOUT, " 408 ");
	body = add(&f, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99\r\n"
		   "\r\n", 0, NULL);
	add_client(&f, silent, AWAITING_TIMEOUT,
		   flow_over_tls() ? "no TLS with" : "no answer");
	/* timers of the application's own on open WebSockets */
	ours = &all[count++];
	memset(ours, 0, sizeof(*ours));
	ours->c = s;
	ours->seconds = 3;
	libwebsocket_set_timeout(s->wsi, PENDING_TIMEOUT_AWAITING_PING, 1);
	libwebsocket_set_timeout(s->wsi, PENDING_TIMEOUT_AWAITING_PING, 3);
	theirs = &all[count++];
	memset(theirs, 0, sizeof(*theirs));
	flow_raw_ws(&f, 0);
	for (n = 0; flow_server(&f, n); n++)
		theirs->c = flow_server(&f, n);
	libwebsocket_set_timeout(theirs->c->wsi,
				 PENDING_TIMEOUT_AWAITING_PING, 2);
	libwebsocket_set_timeout(theirs->c->wsi, NO_PENDING_TIMEOUT, 0);

	do {
		flow_turn(&f);
		now = flow_ms();
		/* a byte now and then does not help */
		if ((now - start) / 250 > fed) {
			if (fed < sizeof(request) - 1 && !slow->ended)
				flow_raw_send(&f, slow->r, request + fed, 1);
			if (fed++ % 4 == 0 && fed < 4 * 90)
				flow_raw_puts(&f, body->r, "x");
		}
		for (n = 0; n < count; n++)
			if (!all[n].ended && flow_over(all[n].c))
				all[n].ended = now;
	} while (now - start < UINT64_C(1000) * (AWAITING_TIMEOUT + 1) + 400 ||
		 (!all_gone() && now - start < FLOW_PATIENCE_MS));
	for (n = 0; n < count; n++)
		check(&all[n], start);
	assert_true(dead->fd >= 0);
	flow_end(&f);
}

static void
test_a_timer_that_is_over_at_once_fires_in_the_loop(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	flow_pair(&f, &s, &c);
	libwebsocket_set_timeout(s->wsi, PENDING_TIMEOUT_AWAITING_PING, -5);
	assert_false(flow_over(s));
	FLOW_UNTIL(&f, flow_over(s) && flow_over(c));
	flow_end(&f);
}

static void
test_an_outside_loop_that_only_waits_sees_timers_fire(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.side[0].info.event_backend = "external";
	f.side[0].external = true;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	libwebsocket_set_timeout(s->wsi, PENDING_TIMEOUT_AWAITING_PING, 1);
	while (!flow_over(s)) {
		usleep(20000);
		libwebsocket_service_fd(f.side[0].context, NULL);
	}
	flow_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_everybody_late_is_gone_in_time_and_nobody_else),
		cmocka_unit_test(
			test_a_timer_that_is_over_at_once_fires_in_the_loop),
		cmocka_unit_test(
			test_an_outside_loop_that_only_waits_sees_timers_fire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
