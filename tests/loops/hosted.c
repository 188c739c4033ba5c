/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of contexts that a loop of another library's serves: the same for all
 * of them, compiled once with each of the drivers.
 */
#include "flow/flow.h"

#include <dirent.h>
#include <pthread.h>

#include "base/err.h"
#include "event/host.h"
#include "loops/loops.h"

#define FOREVER_MS 60000

/* ---- the adapter alone, with a pipe for the set of descriptors ---- */

static unsigned turns;
static bool closing;
static int pipe_ends[2];

static void
count_turn(struct lws_host *host)
{
	turns++;
	if (closing)
		host->ops->close(host);
}

static struct lws_host
open_host(void *loop)
{
	struct lws_host host = { .theirs = loop, .turn = count_turn };

	turns = 0;
	closing = false;
	host.ops = lws_host_find(loops_driver.name);
	assert_non_null(host.ops);
	assert_int_equal(pipe(pipe_ends), 0);
	return host;
}

static void
close_pipe(void)
{
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

static void
round_and_round(unsigned ms)
{
	const uint64_t end = flow_ms() + ms;

	do
		loops_driver.run(1);
	while (flow_ms() < end);
}

#define RUN_UNTIL(condition) do {					\
	const uint64_t run_limit_ = flow_ms() + FLOW_PATIENCE_MS;	\
	while (!(condition)) {						\
		if (flow_ms() > run_limit_)				\
			fail_msg("still not: %s", #condition);		\
		loops_driver.run(20);					\
	}								\
} while (0)

static void
test_a_turn_is_due_as_long_as_the_descriptor_is_readable(void **state)
{
	struct lws_host host = open_host(loops_driver.begin(false));
	char byte;

	(void)state;
	assert_true(loops_driver.alone());
	assert_int_equal(host.ops->open(&host, pipe_ends[0]), 0);
	assert_false(loops_driver.alone());
	round_and_round(50);
	assert_int_equal(turns, 0);
	assert_int_equal(write(pipe_ends[1], "x", 1), 1);
	RUN_UNTIL(turns >= 3);
	assert_int_equal(read(pipe_ends[0], &byte, 1), 1);
	round_and_round(1);
	turns = 0;
	round_and_round(50);
	assert_int_equal(turns, 0);
	host.ops->close(&host);
	assert_true(loops_driver.alone());
	close_pipe();
	loops_driver.end();
}

static void
test_a_turn_is_due_when_it_was_asked_for_and_once(void **state)
{
	struct lws_host host = open_host(loops_driver.begin(false));
	uint64_t start;

	(void)state;
	assert_int_equal(host.ops->open(&host, pipe_ends[0]), 0);
	host.ops->arm(&host, 0);
	RUN_UNTIL(turns == 1);
	round_and_round(50);
	assert_int_equal(turns, 1);
	turns = 0;
	start = flow_ms();
	host.ops->arm(&host, 1);
	host.ops->arm(&host, 80);
	RUN_UNTIL(turns);
	/* a clock of whole milliseconds, and some look at it once a round */
	assert_true(flow_ms() - start >= 70);
	host.ops->arm(&host, 10);
	host.ops->arm(&host, -1);
	turns = 0;
	round_and_round(60);
	assert_int_equal(turns, 0);
	/* armed when it ends */
	host.ops->arm(&host, 5);
	host.ops->close(&host);
	round_and_round(30);
	assert_int_equal(turns, 0);
	close_pipe();
	loops_driver.end();
}

static void
test_a_turn_may_be_the_last(void **state)
{
	struct lws_host host = open_host(loops_driver.begin(false));

	(void)state;
	assert_int_equal(host.ops->open(&host, pipe_ends[0]), 0);
	host.ops->arm(&host, 0);
	assert_int_equal(write(pipe_ends[1], "x", 1), 1);
	closing = true;
	round_and_round(30);
	assert_int_equal(turns, 1);
	assert_true(loops_driver.alone());
	close_pipe();
	loops_driver.end();
}

/* ---- contexts ---- */

static void
begin(struct flow *f, bool take_default)
{
	void *loop = loops_driver.begin(take_default);

	flow_begin(f);
	f->side[0].info.event_backend = loops_driver.name;
	f->side[0].info.foreign_loop = loop;
	f->side[0].loop = loops_driver.run;
}

/* What is closed may take the loop another round to forget. */
static void
end(struct flow *f)
{
	flow_destroy(&f->side[1]);
	flow_destroy(&f->side[0]);
	loops_driver.run(0);
	loops_driver.run(0);
	assert_true(loops_driver.alone());
	flow_end(f);
	loops_driver.end();
}

static unsigned ticks;

static void
on_tick(void)
{
	ticks++;
}

static int
echo(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
     size_t len)
{
	if (reason == LWS_CALLBACK_RECEIVE)
		flow_write(c, in, len, LWS_WRITE_TEXT);
	return 0;
}

static void
test_messages_go_both_ways_beside_a_timer_of_the_application(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	int way, n;

	(void)state;
	for (way = 0; way < (loops_driver.has_default ? 2 : 1); way++) {
		begin(&f, way == 1);
		f.hook = echo;
		flow_open(&f);
		ticks = 0;
		loops_driver.tick(5, on_tick);
		flow_pair(&f, &s, &c);
		for (n = 1; n <= 100; n++) {
			assert_int_equal(flow_text(c, "again"), 5);
			FLOW_UNTIL(&f, c->got.len == 5u * (unsigned)n);
		}
		FLOW_UNTIL(&f, ticks >= 3);
		loops_driver.tick(0, NULL);
		end(&f);
	}
}

/* Larger than what sockets take: output waits for readiness. */
static void
test_what_a_socket_refuses_is_sent_later(void **state)
{
	const size_t len = 3u << 20;
	struct flow_conn *s, *c;
	char *text = malloc(len);
	struct flow f;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', len);
	begin(&f, false);
	flow_open(&f);
	flow_pair(&f, &s, &c);
	assert_int_equal(flow_write(s, text, len, LWS_WRITE_TEXT), (int)len);
	FLOW_UNTIL(&f, c->got.len == len);
	assert_int_equal(lws_get_tx_queued(s->wsi), 0);
	end(&f);
	free(text);
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

/* Nothing else happens that could wake the loop. */
static void
test_a_request_for_writability_needs_no_other_event(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	uint64_t start;

	(void)state;
	begin(&f, false);
	f.hook = ask_again;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	flow_idle(&f, 50);
	start = flow_ms();
	s->n = 200;
	libwebsocket_callback_on_writable(f.side[0].context, s->wsi);
	while (s->n >= 0)
		loops_driver.run(FOREVER_MS);
	assert_int_equal(s->count[LWS_CALLBACK_SERVER_WRITEABLE], 201);
	assert_true(flow_ms() - start < FOREVER_MS);
	end(&f);
}

static struct flow_conn *ticked;

static void
ask_outside(void)
{
	ticked->n = 0;
	libwebsocket_callback_on_writable(ticked->side->context, ticked->wsi);
	flow_text(ticked, "tick");
	loops_driver.tick(0, NULL);
}

static void
test_callbacks_of_the_application_may_write_and_ask(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	begin(&f, false);
	f.hook = ask_again;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	flow_idle(&f, 50);
	ticked = s;
	loops_driver.tick(10, ask_outside);
	while (!s->count[LWS_CALLBACK_SERVER_WRITEABLE] || c->got.len < 4)
		loops_driver.run(FOREVER_MS);
	end(&f);
}

/* Who connects and says nothing, and a deadline set outside of any turn. */
static void
test_timeouts_ring(void **state)
{
	struct flow_conn *s, *c;
	struct flow_raw *r;
	struct flow f;
	uint64_t start;

	(void)state;
	begin(&f, false);
	flow_open(&f);
	flow_pair(&f, &s, &c);
	r = flow_raw_tcp(&f, 0);
	flow_idle(&f, 50);
	start = flow_ms();
	libwebsocket_set_timeout(s->wsi, PENDING_TIMEOUT_CLOSE_ACK, 1);
	while (!flow_over(s))
		loops_driver.run(FOREVER_MS);
	assert_true(flow_ms() - start >= 900);
	assert_true(flow_ms() - start < FOREVER_MS);
	FLOW_UNTIL(&f, r->eof || r->reset);
	end(&f);
}

/* Alarms are finer than a second, and nobody else is awake. */
static void
test_keepalive_measures_the_way(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	begin(&f, false);
	f.side[0].info.ping_interval_ms = 30;
	f.side[0].info.pong_timeout_ms = FOREVER_MS;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	while (lws_get_rtt_us(s->wsi) < 0 || lws_get_rtt_us(c->wsi) < 0)
		loops_driver.run(FOREVER_MS);
	end(&f);
}

static void *
cancel_from_afar(void *context)
{
	const struct timespec soon = { 0, 50000000 };

	nanosleep(&soon, NULL);
	libwebsocket_cancel_service(context);
	return NULL;
}

static void
test_cancelling_from_another_thread_ends_the_wait(void **state)
{
	pthread_t thread;
	struct flow f;
	uint64_t start;

	(void)state;
	begin(&f, false);
	flow_open(&f);
	flow_idle(&f, 50);
	assert_int_equal(pthread_create(&thread, NULL, cancel_from_afar,
					f.side[0].context), 0);
	start = flow_ms();
	loops_driver.run(FOREVER_MS);
	assert_true(flow_ms() - start < FOREVER_MS / 2);
	pthread_join(thread, NULL);
	/* it was taken notice of: the next wait lasts */
	start = flow_ms();
	loops_driver.run(60);
	loops_driver.run(60);
	assert_true(flow_ms() - start >= 50);
	end(&f);
}

static void
test_the_librarys_own_service_may_be_mixed_in(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	int n;

	(void)state;
	begin(&f, false);
	f.hook = echo;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	for (n = 1; n <= 50; n++) {
		f.side[0].loop = n % 3 ? loops_driver.run : NULL;
		flow_text(c, "mixed");
		FLOW_UNTIL(&f, c->got.len == 5u * (unsigned)n);
	}
	end(&f);
}

static void
test_two_contexts_live_in_one_loop(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	begin(&f, false);
	f.hook = echo;
	f.side[1].info.event_backend = loops_driver.name;
	f.side[1].info.foreign_loop = f.side[0].info.foreign_loop;
	f.side[1].loop = loops_driver.run;
	flow_open(&f);
	flow_open_second(&f);
	flow_pair(&f, &s, &c);
	assert_ptr_equal(c->side, &f.side[1]);
	flow_text(c, "across");
	FLOW_UNTIL(&f, c->got.len == 6);
	end(&f);
}

/* How many sets of the kernel's @fd is in, and how often. */
static unsigned
watched(int fd)
{
	DIR *all = opendir("/proc/self/fdinfo");
	const struct dirent *one;
	char path[300], line[256];
	unsigned n = 0;
	FILE *info;
	int tfd;

	assert_non_null(all);
	while ((one = readdir(all))) {
		snprintf(path, sizeof(path), "/proc/self/fdinfo/%s",
			 one->d_name);
		info = fopen(path, "r");
		if (!info)
			continue;
		while (fgets(line, sizeof(line), info))
			n += sscanf(line, "tfd: %d", &tfd) == 1 && tfd == fd;
		fclose(info);
	}
	closedir(all);
	return n;
}

static void
test_nothing_is_registered_twice(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	if (access("/proc/self/fdinfo/0", R_OK))
		skip();
	begin(&f, false);
	flow_open(&f);
	flow_pair(&f, &s, &c);
	flow_idle(&f, 50);
	assert_int_equal(watched(s->fd), 1);
	assert_int_equal(watched(c->fd), 1);
	assert_int_equal(watched(f.side[0].listener->fd), 1);
	end(&f);
}

static struct flow *doomed;

static void
destroy_now(void)
{
	flow_destroy(&doomed->side[0]);
	loops_driver.tick(0, NULL);
}

static void
test_a_context_may_be_destroyed_from_within_the_loop(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	begin(&f, false);
	flow_open(&f);
	flow_pair(&f, &s, &c);
	flow_text(s, "under way");
	doomed = &f;
	loops_driver.tick(5, destroy_now);
	RUN_UNTIL(!f.side[0].context);
	assert_true(flow_over(s) && flow_over(c));
	end(&f);
}

static void
test_creation_survives_any_allocation_that_fails(void **state)
{
	struct flow_side *side;
	struct flow f;
	long n = 0;

	(void)state;
	begin(&f, false);
	side = &f.side[0];
	do {
		side->info.port = 0;
		flow_fail_allocation(n++);
		side->context = libwebsocket_create_context(&side->info);
		flow_fail_allocation(-1);
		loops_driver.run(0);
		if (!side->context)
			assert_true(loops_driver.alone());
	} while (!side->context);
	assert_true(n > 4);
	end(&f);
}

static void
test_a_loop_of_unknown_kind_is_refused(void **state)
{
	struct flow f;

	(void)state;
	begin(&f, false);
	f.side[0].info.event_backend = NULL;
	assert_null(libwebsocket_create_context(&f.side[0].info));
	assert_int_equal(flow_errors(), 1);
	assert_non_null(strstr(flow_last_line(), "foreign_loop"));
	f.side[0].info.event_backend = loops_driver.name;
	f.side[0].info.foreign_loop = NULL;
	if (!loops_driver.has_default) {
		assert_null(libwebsocket_create_context(&f.side[0].info));
		assert_int_equal(flow_errors(), 2);
		assert_non_null(strstr(flow_last_line(), "default loop"));
	}
	end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_turn_is_due_as_long_as_the_descriptor_is_readable),
		cmocka_unit_test(
			test_a_turn_is_due_when_it_was_asked_for_and_once),
		cmocka_unit_test(test_a_turn_may_be_the_last),
		cmocka_unit_test(
			test_messages_go_both_ways_beside_a_timer_of_the_application),
		cmocka_unit_test(test_what_a_socket_refuses_is_sent_later),
		cmocka_unit_test(
			test_a_request_for_writability_needs_no_other_event),
		cmocka_unit_test(
			test_callbacks_of_the_application_may_write_and_ask),
		cmocka_unit_test(test_timeouts_ring),
		cmocka_unit_test(test_keepalive_measures_the_way),
		cmocka_unit_test(
			test_cancelling_from_another_thread_ends_the_wait),
		cmocka_unit_test(test_the_librarys_own_service_may_be_mixed_in),
		cmocka_unit_test(test_two_contexts_live_in_one_loop),
		cmocka_unit_test(test_nothing_is_registered_twice),
		cmocka_unit_test(
			test_a_context_may_be_destroyed_from_within_the_loop),
		cmocka_unit_test(
			test_creation_survives_any_allocation_that_fails),
		cmocka_unit_test(test_a_loop_of_unknown_kind_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
