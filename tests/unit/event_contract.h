/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * unit/event_contract.h - what every backend that waits must do.
 *
 * A test file sets `backend` in a group setup and runs event_contract[].
 */
#ifndef LWS_UNIT_EVENT_CONTRACT_H
#define LWS_UNIT_EVENT_CONTRACT_H

#include <errno.h>
#include <signal.h>
#include <sys/time.h>

#include "unit/sockets.h"
#include "event/event.h"

#define PAIRS 40

static const struct lws_event_ops *backend;

/* A set, and pairs of sockets whose first ends it watches. */
struct watched {
	struct lws_events ev;
	int mine[PAIRS], theirs[PAIRS];
	uint32_t slot[PAIRS];
	short want[PAIRS];
};

static void
begin(struct watched *w)
{
	int n, ends[2];

	memset(w, 0, sizeof(*w));
	w->ev.ops = backend;
	assert_int_equal(backend->init(&w->ev, 1000), 0);
	for (n = 0; n < PAIRS; n++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
		w->mine[n] = ends[0];
		w->theirs[n] = ends[1];
		w->want[n] = LWS_EV_ABSENT;
	}
}

static void
want(struct watched *w, int n, short events)
{
	assert_int_equal(backend->set(&w->ev, w->mine[n], &w->slot[n],
				      w->want[n], events), 0);
	w->want[n] = events;
}

static void
end(struct watched *w)
{
	int n;

	for (n = 0; n < PAIRS; n++) {
		want(w, n, LWS_EV_ABSENT);
		close(w->mine[n]);
		close(w->theirs[n]);
	}
	backend->fini(&w->ev);
}

static void
speak(struct watched *w, int n)
{
	assert_int_equal(write(w->theirs[n], "x", 1), 1);
}

static void
hear(struct watched *w, int n)
{
	char c;

	assert_int_equal(read(w->mine[n], &c, 1), 1);
}

/* Wait without waiting; *@seen gets what each pair is ready for. */
static int
look(struct watched *w, int max, short seen[PAIRS])
{
	struct lws_ready out[PAIRS + 1];
	int i, n, count;

	memset(seen, 0, PAIRS * sizeof(seen[0]));
	out[max].fd = -4711;
	count = backend->wait(&w->ev, 0, out, max);
	assert_true(count >= 0 && count <= max);
	assert_int_equal(out[max].fd, -4711);
	for (i = 0; i < count; i++) {
		for (n = 0; n < PAIRS && w->mine[n] != out[i].fd; n++)
			;
		assert_true(n < PAIRS);
		assert_int_equal(seen[n], 0);
		assert_int_not_equal(out[i].revents, 0);
		seen[n] = out[i].revents;
	}
	return count;
}

static void
test_an_empty_set_is_never_ready(void **state)
{
	short seen[PAIRS];
	struct watched w;

	(void)state;
	begin(&w);
	assert_int_equal(look(&w, PAIRS, seen), 0);
	end(&w);
}

static void
test_what_is_wanted_is_told_and_nothing_else(void **state)
{
	static const short rows[][2] = {
		{ 0, 0 }, { POLLIN, POLLIN }, { POLLOUT, POLLOUT },
		{ POLLIN | POLLOUT, POLLIN | POLLOUT },
	};
	short seen[PAIRS];
	struct watched w;
	size_t row;

	(void)state;
	begin(&w);
	speak(&w, 3);
	for (row = 0; row < COUNT(rows); row++) {
		want(&w, 3, rows[row][0]);
		assert_int_equal(look(&w, PAIRS, seen), rows[row][1] != 0);
		assert_int_equal(seen[3], rows[row][1]);
	}
	hear(&w, 3);
	look(&w, PAIRS, seen);
	assert_int_equal(seen[3], POLLOUT);
	want(&w, 3, POLLIN);
	assert_int_equal(look(&w, PAIRS, seen), 0);
	end(&w);
}

static void
test_any_interest_can_follow_any_other(void **state)
{
	static const short all[] = {
		LWS_EV_ABSENT, 0, POLLIN, POLLOUT, POLLIN | POLLOUT,
	};
	short seen[PAIRS];
	struct watched w;
	size_t was, now;

	(void)state;
	begin(&w);
	speak(&w, 0);
	want(&w, 1, POLLIN);
	for (was = 0; was < COUNT(all); was++)
		for (now = 0; now < COUNT(all); now++) {
			want(&w, 0, all[was]);
			want(&w, 0, all[now]);
			look(&w, PAIRS, seen);
			assert_int_equal(seen[0], now ? all[now] : 0);
			assert_int_equal(seen[1], 0);
		}
	end(&w);
}

static void
test_readiness_is_told_as_long_as_it_lasts(void **state)
{
	short seen[PAIRS];
	struct watched w;
	int n;

	(void)state;
	begin(&w);
	want(&w, 7, POLLIN);
	speak(&w, 7);
	for (n = 0; n < 5; n++) {
		assert_int_equal(look(&w, PAIRS, seen), 1);
		assert_int_equal(seen[7], POLLIN);
	}
	hear(&w, 7);
	assert_int_equal(look(&w, PAIRS, seen), 0);
	end(&w);
}

static void
test_a_hangup_is_told_though_nothing_is_wanted(void **state)
{
	short seen[PAIRS];
	struct watched w;

	(void)state;
	begin(&w);
	want(&w, 2, 0);
	want(&w, 5, POLLIN);
	want(&w, 5, 0);
	assert_int_equal(look(&w, PAIRS, seen), 0);
	shutdown(w.theirs[2], SHUT_RDWR);
	shutdown(w.theirs[5], SHUT_RDWR);
	assert_int_equal(look(&w, PAIRS, seen), 2);
	assert_int_equal(seen[2], POLLHUP);
	assert_int_equal(seen[5], POLLHUP);
	want(&w, 2, POLLIN | POLLOUT);
	look(&w, PAIRS, seen);
	assert_true(seen[2] & POLLHUP);
	assert_true(seen[2] & POLLIN);
	end(&w);
}

static void
test_an_error_is_told_though_nothing_is_wanted(void **state)
{
	const struct linger hard = { .l_onoff = 1, .l_linger = 0 };
	uint32_t slot = 0;
	struct lws_events ev;
	struct lws_ready out;
	int ends[2];

	(void)state;
	assert_int_equal(backend->init(&ev, 4), 0);
	unit_connection(ends);
	assert_int_equal(backend->set(&ev, ends[0], &slot, LWS_EV_ABSENT, 0),
			 0);
	setsockopt(ends[1], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(ends[1]);
	assert_int_equal(backend->wait(&ev, UNIT_PATIENCE_MS, &out, 1), 1);
	assert_int_equal(out.fd, ends[0]);
	assert_true(out.revents & POLLERR);
	assert_int_equal(backend->set(&ev, ends[0], &slot, 0, LWS_EV_ABSENT),
			 0);
	close(ends[0]);
	backend->fini(&ev);
}

static void
test_bounded_waits_leave_nobody_behind(void **state)
{
	short seen[PAIRS], one[PAIRS];
	struct watched w;
	int max, n, round;

	(void)state;
	for (max = 1; max <= PAIRS; max++) {
		begin(&w);
		for (n = 0; n < PAIRS; n++) {
			want(&w, n, POLLIN);
			speak(&w, n);
		}
		memset(seen, 0, sizeof(seen));
		for (round = 0; round < (PAIRS + max - 1) / max; round++) {
			assert_int_equal(look(&w, max, one), max);
			for (n = 0; n < PAIRS; n++)
				seen[n] = (short)(seen[n] | one[n]);
		}
		for (n = 0; n < PAIRS; n++)
			if (!seen[n])
				fail_msg("max %d: %d starved", max, n);
		end(&w);
	}
}

static void
test_nobody_starves_while_others_come_and_go(void **state)
{
	short one[PAIRS], seen[PAIRS] = { 0 };
	struct watched w;
	int n, round;

	(void)state;
	begin(&w);
	for (n = 0; n < PAIRS; n++) {
		want(&w, n, POLLIN);
		speak(&w, n);
	}
	for (round = 0; round < 200; round++) {
		n = round * 7 % (PAIRS / 2);
		want(&w, n, w.want[n] == POLLIN ? LWS_EV_ABSENT : POLLIN);
		assert_int_equal(look(&w, 3, one), 3);
		for (n = 0; n < PAIRS; n++)
			seen[n] = (short)(seen[n] | one[n]);
	}
	for (n = PAIRS / 2; n < PAIRS; n++)
		assert_int_equal(seen[n], POLLIN);
	end(&w);
}

/* Against a plain list of who wants what. */
static void
test_random_changes_agree_with_a_list(void **state)
{
	static const short all[] = {
		LWS_EV_ABSENT, 0, POLLIN, POLLOUT, POLLIN | POLLOUT,
	};
	bool spoken[PAIRS] = { false };
	uint32_t random = 2463534242u;
	short seen[PAIRS], expect;
	struct watched w;
	int step, n;

	(void)state;
	begin(&w);
	for (step = 0; step < 4000; step++) {
		random ^= random << 13;
		random ^= random >> 17;
		random ^= random << 5;
		n = (int)(random % PAIRS);
		if (random >> 8 & 1) {
			want(&w, n, all[(random >> 10) % COUNT(all)]);
		} else if (spoken[n]) {
			hear(&w, n);
			spoken[n] = false;
		} else {
			speak(&w, n);
			spoken[n] = true;
		}
		look(&w, PAIRS, seen);
		for (n = 0; n < PAIRS; n++) {
			expect = w.want[n] == LWS_EV_ABSENT ? 0 : w.want[n];
			if (!spoken[n])
				expect &= (short)~POLLIN;
			assert_int_equal(seen[n], expect);
		}
	}
	end(&w);
}

static void
test_waiting_ends_with_its_time_or_with_an_event(void **state)
{
	struct lws_ready out[4];
	struct watched w;
	uint64_t start;

	(void)state;
	begin(&w);
	want(&w, 0, POLLIN);
	start = lws_plat_now_us();
	assert_int_equal(backend->wait(&w.ev, 30, out, 4), 0);
	assert_true(lws_plat_now_us() - start >= 29000);
	speak(&w, 0);
	start = lws_plat_now_us();
	assert_int_equal(backend->wait(&w.ev, -1, out, 4), 1);
	assert_int_equal(backend->wait(&w.ev, UNIT_PATIENCE_MS, out, 4), 1);
	assert_true(lws_plat_now_us() - start < UNIT_PATIENCE_MS * 500u);
	end(&w);
}

static void
wince(int signum)
{
	(void)signum;
}

static void
test_a_signal_ends_a_wait_without_an_error(void **state)
{
	const struct itimerval soon = { { 0, 20000 }, { 0, 20000 } };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };
	struct sigaction action;
	struct lws_ready out[4];
	struct watched w;

	(void)state;
	begin(&w);
	want(&w, 0, POLLIN);
	memset(&action, 0, sizeof(action));
	action.sa_handler = wince;
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	assert_int_equal(backend->wait(&w.ev, UNIT_PATIENCE_MS, out, 4), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	end(&w);
}

static const struct CMUnitTest event_contract[] = {
	cmocka_unit_test(test_an_empty_set_is_never_ready),
	cmocka_unit_test(test_what_is_wanted_is_told_and_nothing_else),
	cmocka_unit_test(test_any_interest_can_follow_any_other),
	cmocka_unit_test(test_readiness_is_told_as_long_as_it_lasts),
	cmocka_unit_test(test_a_hangup_is_told_though_nothing_is_wanted),
	cmocka_unit_test(test_an_error_is_told_though_nothing_is_wanted),
	cmocka_unit_test(test_bounded_waits_leave_nobody_behind),
	cmocka_unit_test(test_nobody_starves_while_others_come_and_go),
	cmocka_unit_test(test_random_changes_agree_with_a_list),
	cmocka_unit_test(test_waiting_ends_with_its_time_or_with_an_event),
	cmocka_unit_test(test_a_signal_ends_a_wait_without_an_error),
};

#endif
