/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of service loops: the application's own, mixtures, several contexts,
 * waking from elsewhere, and creation that fails.
 */
#include "flow/flow.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "base/limits.h"

static const char *const backends[] = { NULL, "epoll", "poll", "external" };

/* ---- service_fd ---- */

static void
test_foreign_and_stale_descriptors_are_left_alone(void **state)
{
	struct pollfd p = { .events = POLLIN };
	struct flow_conn *s, *c;
	struct flow f;
	size_t m;
	int ours, pair[2];

	(void)state;
	for (m = 0; m < COUNT(backends); m++) {
		flow_begin(&f);
		f.side[0].info.event_backend = backends[m];
		f.side[0].external = true;
		flow_open(&f);
		flow_pair(&f, &s, &c);
		assert_int_equal(pipe(pair), 0);
		p.fd = pair[0];
		p.revents = POLLIN;
		assert_int_equal(libwebsocket_service_fd(f.side[0].context,
							 &p), 0);
		assert_int_equal(p.revents, POLLIN);
		p.fd = -1;
		assert_int_equal(libwebsocket_service_fd(f.side[0].context,
							 &p), 0);
		p.fd = 1 << 29;
		assert_int_equal(libwebsocket_service_fd(f.side[0].context,
							 &p), 0);
		assert_int_equal(p.revents, POLLIN);
		/* nothing to read after all */
		p.fd = ours = s->fd;
		assert_int_equal(libwebsocket_service_fd(f.side[0].context,
							 &p), 0);
		assert_int_equal(p.revents, 0);
		assert_false(flow_over(s));
		assert_int_equal(libwebsocket_service_fd(f.side[0].context,
							 &p), 0);
		libwebsockets_hangup_on_client(f.side[0].context, ours);
		p.fd = ours;
		p.revents = POLLIN | POLLHUP;
		assert_int_equal(libwebsocket_service_fd(f.side[0].context,
							 &p), 0);
		assert_int_equal(p.revents, POLLIN | POLLHUP);
		close(pair[0]);
		close(pair[1]);
		flow_end(&f);
	}
}

static int
close_on_receive(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
		 void *in, size_t len)
{
	(void)c;
	(void)in;
	(void)len;
	return reason == LWS_CALLBACK_RECEIVE ? -1 : 0;
}

static void
test_service_fd_says_when_it_closed_and_service_never_does(void **state)
{
	struct pollfd p = { .events = POLLIN };
	struct flow_raw *r;
	struct flow f;
	int rc;

	(void)state;
	flow_begin(&f);
	f.side[0].external = true;
	f.hook = close_on_receive;
	flow_open(&f);
	r = flow_raw_ws(&f, 0);
	p.fd = flow_server(&f, 0)->fd;
	flow_raw_reset(r);
	assert_int_equal(poll(&p, 1, 10000), 1);
	rc = libwebsocket_service_fd(f.side[0].context, &p);
	assert_int_equal(rc, 1);
	assert_true(flow_over(flow_server(&f, 0)));

	f.side[0].external = false;
	r = flow_raw_ws(&f, 0);
	flow_raw_reset(r);
	FLOW_UNTIL(&f, flow_over(flow_server(&f, 1)));
	flow_end(&f);
}

static int
ask_again(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	  void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_SERVER_WRITEABLE && c->n-- > 0)
		libwebsocket_callback_on_writable(c->side->context, c->wsi);
	return 0;
}

/* One poll() without end must see everything that is asked for. */
static void
test_a_loop_without_timeout_misses_nothing(void **state)
{
	struct flow_conn *s, *c;
	struct flow_side *side;
	struct flow f;
	unsigned n;
	size_t m;
	int mixed;

	(void)state;
	for (m = 0; m < COUNT(backends); m++)
	for (mixed = 0; mixed < 2; mixed++) {
		flow_begin(&f);
		side = &f.side[0];
		side->info.event_backend = backends[m];
		side->external = true;
		f.hook = ask_again;
		flow_open(&f);
		flow_pair(&f, &s, &c);
		s->n = 50;
		libwebsocket_callback_on_writable(side->context, s->wsi);
		while (s->n >= 0) {
			if (mixed && s->n % 3 == 0) {
				libwebsocket_service(side->context, 0);
				if (s->n % 2)
					libwebsocket_service(side->context, 0);
				if (s->n < 0)
					break;
			}
			assert_true(poll(side->polls, side->count_polls,
					 10000) > 0);
			for (n = 0; n < side->count_polls; n++) {
				struct pollfd p = side->polls[n];

				side->polls[n].revents = 0;
				if (p.revents)
					libwebsocket_service_fd(side->context,
								&p);
			}
		}
		flow_end(&f);
	}
}

/* ---- several contexts ---- */

static void
test_contexts_do_not_know_of_each_other(void **state)
{
	struct flow_conn *s[3], *c[3];
	struct flow f[3];
	int n, k;

	(void)state;
	for (n = 0; n < 3; n++) {
		flow_begin(&f[n]);
		f[n].side[0].info.event_backend = backends[n + 1];
		f[n].side[0].external = n == 2;
		f[n].within = n > 0;
		flow_open(&f[n]);
		flow_pair(&f[n], &s[n], &c[n]);
	}
	for (n = 0; n < 3; n++)
		flow_text(s[n], "hello");
	for (n = 0; n < 3; n++)
		FLOW_UNTIL(&f[n], c[n]->got.len == 5);
	/* nobody was served by another's loop; they end in any order */
	for (n = 0; n < 3; n++) {
		k = (n + 1) % 3;
		assert_int_equal(c[k]->got.len, 5);
		flow_destroy(&f[k].side[0]);
	}
	for (n = 2; n >= 0; n--)
		flow_end(&f[n]);
}

/* ---- waking ---- */

static struct libwebsocket_context *alarmed;

static void
on_alarm(int signal_number)
{
	(void)signal_number;
	libwebsocket_cancel_service(alarmed);
}

static void
test_cancelling_from_a_signal_handler_ends_the_wait(void **state)
{
	const struct itimerval soon = { { 0, 0 }, { 0, 50000 } };
	struct sigaction act = { .sa_handler = on_alarm }, old;
	struct pollfd p;
	struct flow f;
	uint64_t start;
	size_t m;

	(void)state;
	act.sa_flags = SA_RESTART;
	assert_int_equal(sigaction(SIGALRM, &act, &old), 0);
	for (m = 0; m < 3; m++) {
		flow_begin(&f);
		f.side[0].info.event_backend = backends[m];
		flow_open(&f);
		alarmed = f.side[0].context;
		start = flow_ms();
		setitimer(ITIMER_REAL, &soon, NULL);
		assert_int_equal(libwebsocket_service(alarmed, 30000), 0);
		assert_true(flow_ms() - start < 20000);
		/* and the next one, when none is waiting */
		libwebsocket_cancel_service(alarmed);
		assert_int_equal(libwebsocket_service(alarmed, 30000), 0);
		assert_true(flow_ms() - start < 20000);
		/* once is once */
		start = flow_ms();
		assert_int_equal(libwebsocket_service(alarmed, 60), 0);
		assert_true(flow_ms() - start >= 40);
		flow_end(&f);
	}
	flow_begin(&f);
	f.side[0].info.event_backend = "external";
	f.side[0].external = true;
	flow_open(&f);
	alarmed = f.side[0].context;
	setitimer(ITIMER_REAL, &soon, NULL);
	do {
		m = (size_t)poll(f.side[0].polls, f.side[0].count_polls, 20000);
	} while (m == (size_t)-1 && errno == EINTR);
	assert_int_equal(m, 1);
	p = f.side[0].polls[0].revents ? f.side[0].polls[0] :
		f.side[0].polls[1];
	assert_int_equal(libwebsocket_service_fd(alarmed, &p), 0);
	assert_int_equal(p.revents, 0);
	assert_int_equal(poll(f.side[0].polls, f.side[0].count_polls, 0), 0);
	flow_end(&f);
	sigaction(SIGALRM, &old, NULL);
}

static void
test_a_program_that_handles_sigpipe_keeps_its_handler(void **state)
{
	struct sigaction act = { .sa_handler = on_alarm }, old, now;
	struct flow f;

	(void)state;
	assert_int_equal(sigaction(SIGPIPE, &act, &old), 0);
	flow_begin(&f);
	flow_open(&f);
	flow_end(&f);
	assert_int_equal(sigaction(SIGPIPE, &old, &now), 0);
	assert_ptr_equal(now.sa_handler, on_alarm);
	act.sa_handler = SIG_DFL;
	sigaction(SIGPIPE, &act, NULL);
	flow_begin(&f);
	flow_open(&f);
	raise(SIGPIPE);
	flow_end(&f);
}

/* ---- out of descriptors ---- */

static struct rlimit
exhaust(void)
{
	struct rlimit old, low;
	int next = dup(STDIN_FILENO);

	assert_true(next >= 0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	low = old;
	low.rlim_cur = (rlim_t)next;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	return old;
}

static void
test_out_of_descriptors_newcomers_wait_and_others_go_on(void **state)
{
	struct flow_conn *s, *c;
	/* as many as the system lets wait */
	const int waiting = LWS_SOMAXCONN < 3 ? LWS_SOMAXCONN : 3;
	struct flow_raw *r[3];
	struct rlimit old;
	struct flow f;
	long turns;
	size_t m;
	int n;

	(void)state;
	for (m = 1; m < 3; m++) {
		flow_begin(&f);
		f.side[0].info.event_backend = backends[m];
		flow_open(&f);
		flow_pair(&f, &s, &c);
		for (n = 0; n < waiting; n++)
			r[n] = flow_raw_tcp(&f, 0);
		old = exhaust();
		turns = f.turns;
		flow_idle(&f, 300);
		if (r[0]->eof || r[0]->reset) {
			/* valgrind accepts before it says there is no room */
			assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
			flow_end(&f);
			skip();
		}
		assert_int_equal(flow_warnings(), 1);
		assert_non_null(strstr(flow_last_line(), "descriptors"));
		assert_true(f.turns - turns < 1000);
		flow_text(s, "still");
		FLOW_UNTIL(&f, c->got.len == 5);
		/* nor can a client be made now */
		n = (int)f.count_conns;
		if (flow_connect(&f, 0, "second"))
			FLOW_UNTIL(&f, flow_over(f.conns[n]));
		flow_idle(&f, 1200);
		assert_int_equal(flow_warnings(), 1);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
		for (n = 0; n < waiting; n++)
			flow_raw_upgrade(&f, r[n]);
		assert_non_null(flow_server(&f, (unsigned)waiting));
		flow_end(&f);
	}
}

/* ---- creation that fails ---- */

static void
test_what_cannot_be_created_is_null_and_one_line(void **state)
{
	static const struct {
		const char *iface, *backend, *cert, *line;
		bool in_use;
	} rows[] = {
		{ "127.0.0.1", NULL, NULL, "in use", true },
		{ "no-such-if0", NULL, NULL, "no-such-if0", false },
		{ "203.0.113.77", NULL, NULL, "203.0.113.77", false },
		{ "127.0.0.1", "kqueue-or-so", NULL, "kqueue-or-so", false },
		{ "127.0.0.1", NULL, "/cert.pem", "TLS", false },
	};
	struct flow f, other;
	size_t n;

	(void)state;
	flow_begin(&other);
	flow_open(&other);
	for (n = 0; n < COUNT(rows); n++) {
		struct flow_side *side = &f.side[0];

		flow_begin(&f);
		side->info.iface = rows[n].iface;
		side->info.event_backend = rows[n].backend;
		if (rows[n].cert)
			side->info.ssl_cert_filepath = rows[n].cert;
		if (rows[n].in_use)
			side->info.port = flow_port(&other);
		assert_null(libwebsocket_create_context(&side->info));
		assert_int_equal(flow_errors(), 1);
		if (!strstr(flow_last_line(), rows[n].line))
			fail_msg("%s: %s", rows[n].line, flow_last_line());
		assert_int_equal(side->inits + side->destroys, 0);
		assert_int_equal(side->count_polls, 0);
		flow_end(&f);
	}
	flow_end(&other);
}

static void
test_protocols_must_be_some_and_not_too_many(void **state)
{
	struct libwebsocket_protocols *many =
		calloc(LWS_MAX_PROTOCOLS + 2, sizeof(*many));
	struct flow f;
	size_t n;

	(void)state;
	assert_non_null(many);
	flow_begin(&f);
	f.side[0].info.protocols = many;
	assert_null(libwebsocket_create_context(&f.side[0].info));
	f.side[0].info.protocols = NULL;
	assert_null(libwebsocket_create_context(&f.side[0].info));
	assert_int_equal(flow_errors(), 2);
	for (n = 0; n <= LWS_MAX_PROTOCOLS; n++)
		many[n] = f.side[0].protocols[0];
	f.side[0].info.protocols = many;
	assert_null(libwebsocket_create_context(&f.side[0].info));
	assert_int_equal(flow_errors(), 3);
	assert_non_null(strstr(flow_last_line(), "LWS_MAX_PROTOCOLS"));
	flow_end(&f);
	free(many);
}

static void
test_a_context_that_does_not_listen_has_no_listener(void **state)
{
	struct flow f;

	(void)state;
	flow_begin(&f);
	flow_open_second(&f);
	assert_null(f.side[1].listener);
	assert_int_equal(f.side[1].count_polls, 1);
	assert_ptr_equal(libwebsocket_context_user(f.side[1].context),
			 &f.side[1]);
	assert_true(strlen(libwebsocket_canonical_hostname(
			f.side[1].context)) > 0);
	assert_int_equal(libwebsocket_service(f.side[1].context, 0), 0);
	flow_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_foreign_and_stale_descriptors_are_left_alone),
		cmocka_unit_test(
			test_service_fd_says_when_it_closed_and_service_never_does),
		cmocka_unit_test(test_a_loop_without_timeout_misses_nothing),
		cmocka_unit_test(test_contexts_do_not_know_of_each_other),
		cmocka_unit_test(
			test_cancelling_from_a_signal_handler_ends_the_wait),
		cmocka_unit_test(
			test_a_program_that_handles_sigpipe_keeps_its_handler),
		cmocka_unit_test(
			test_out_of_descriptors_newcomers_wait_and_others_go_on),
		cmocka_unit_test(
			test_what_cannot_be_created_is_null_and_one_line),
		cmocka_unit_test(test_protocols_must_be_some_and_not_too_many),
		cmocka_unit_test(
			test_a_context_that_does_not_listen_has_no_listener),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
