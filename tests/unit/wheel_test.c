/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of base/wheel.c, most of them against a model without any wheel. */
#include "unit/unit.h"

#include "base/wheel.h"

#define TIMERS 64

/* The model: when the timer may expire at the earliest; 0: not armed. */
struct model {
	struct lws_wheel wheel;
	struct lws_timer timer[TIMERS];
	uint64_t earliest[TIMERS];
	uint64_t now;
	uint32_t tick;
	uint64_t start;
	uint64_t random;
};

static uint64_t
pick(struct model *m, uint64_t below)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return m->random % below;
}

static void
begin(struct model *m, uint32_t tick, uint64_t start)
{
	int n;

	memset(m, 0, sizeof(*m));
	m->random = 88172645463325252u;
	m->tick = tick;
	m->start = m->now = start;
	lws_wheel_init(&m->wheel, tick, start);
	for (n = 0; n < TIMERS; n++)
		lws_timer_init(&m->timer[n]);
}

static void
arm(struct model *m, size_t n, uint64_t after)
{
	lws_wheel_arm(&m->wheel, &m->timer[n], m->now, after);
	m->earliest[n] = m->now + after;
	assert_true(lws_timer_armed(&m->timer[n]));
}

static void
disarm(struct model *m, size_t n)
{
	lws_wheel_disarm(&m->wheel, &m->timer[n]);
	m->earliest[n] = 0;
	assert_false(lws_timer_armed(&m->timer[n]));
}

/* Advance, and see that exactly those expire that must or may. */
static void
advance(struct model *m)
{
	struct lws_list expired, *at;
	bool seen[TIMERS] = { false };
	size_t n;

	lws_list_init(&expired);
	lws_wheel_advance(&m->wheel, m->now, &expired);
	while ((at = lws_list_pop(&expired))) {
		n = (size_t)(lws_container_of(at, struct lws_timer, link) -
			     m->timer);
		seen[n] = true;
		assert_true(m->earliest[n] && m->earliest[n] <= m->now);
		m->earliest[n] = 0;
	}
	for (n = 0; n < TIMERS; n++) {
		assert_int_equal(lws_timer_armed(&m->timer[n]),
				 m->earliest[n] != 0);
		if (!seen[n] && m->earliest[n])
			assert_true(m->earliest[n] + m->tick > m->now);
	}
	assert_true(lws_wheel_valid(&m->wheel));
}

/* next() never sleeps past a deadline, nor for longer than a revolution. */
static void
check_next(struct model *m)
{
	const int64_t next = lws_wheel_next(&m->wheel, m->now);
	bool armed = false;
	size_t n;

	for (n = 0; n < TIMERS; n++) {
		if (!m->earliest[n])
			continue;
		armed = true;
		assert_true(next >= 0);
		assert_true(m->now + (uint64_t)next <
			    (m->earliest[n] > m->now ? m->earliest[n] : m->now)
			    + m->tick);
	}
	assert_int_equal(next < 0, !armed);
	assert_true(next <= (int64_t)m->tick * LWS_WHEEL_SLOTS);
}

static uint64_t
some_delay(struct model *m)
{
	switch (pick(m, 5)) {
	case 0:
		return 0;
	case 1:
		return pick(m, 3 * m->tick);
	case 2:
		return m->tick * pick(m, 4);
	case 3:
		return pick(m, (uint64_t)m->tick * LWS_WHEEL_SLOTS);
	default:
		return pick(m, (uint64_t)m->tick * LWS_WHEEL_SLOTS * 4);
	}
}

static uint64_t
some_time(struct model *m)
{
	switch (pick(m, 16)) {
	case 0:
		return pick(m, (uint64_t)m->tick * LWS_WHEEL_SLOTS * 2);
	case 1: {
		const int64_t next = lws_wheel_next(&m->wheel, m->now);

		return next > 0 ? (uint64_t)next : 0;
	}
	case 2:
		return m->tick;
	default:
		return pick(m, m->tick / 4 + 2);
	}
}

static void
play(struct model *m, int steps)
{
	int step;

	for (step = 0; step < steps; step++) {
		const size_t n = (size_t)pick(m, TIMERS);

		switch (pick(m, 4)) {
		case 0:
			disarm(m, n);
			break;
		case 1:
			m->now += some_time(m);
			advance(m);
			break;
		default:
			arm(m, n, some_delay(m));
		}
		check_next(m);
	}
	assert_true(lws_wheel_valid(&m->wheel));
}

static void
test_random_arms_and_disarms_expire_as_in_the_model(void **state)
{
	static const struct {
		uint32_t tick;
		uint64_t start;
	} rows[] = {
		{ 1000, 0 }, { 1000, 123456789 }, { 1, 5 }, { 7, 1 },
		{ 20, UINT64_MAX / 2 },
	};
	struct model m;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		begin(&m, rows[n].tick, rows[n].start);
		play(&m, 40000);
	}
}

/* 2^32 ticks of 1 ms are 49 days. */
static void
test_ticks_may_wrap_while_timers_run(void **state)
{
	struct model m;

	(void)state;
	begin(&m, 1, 1000);
	m.now = m.start + UINT32_MAX - 3000;
	play(&m, 40000);
	assert_true(m.now > m.start + UINT32_MAX);
}

static void
test_nothing_armed_is_never(void **state)
{
	struct model m;

	(void)state;
	begin(&m, 1000, 50);
	assert_int_equal(lws_wheel_next(&m.wheel, 50), -1);
	arm(&m, 0, 5000);
	disarm(&m, 0);
	disarm(&m, 0);
	assert_int_equal(lws_wheel_next(&m.wheel, 1 << 30), -1);
	m.now = 1 << 30;
	advance(&m);
}

static void
test_next_is_the_time_to_the_tick_after_the_deadline(void **state)
{
	struct model m;

	(void)state;
	begin(&m, 1000, 0);
	m.now = 300;
	arm(&m, 0, 5000);
	assert_int_equal(lws_wheel_next(&m.wheel, 300), 5700);
	assert_int_equal(lws_wheel_next(&m.wheel, 5999), 1);
	assert_int_equal(lws_wheel_next(&m.wheel, 6000), 0);
	assert_int_equal(lws_wheel_next(&m.wheel, 9000), 0);
	m.now = 2000;
	arm(&m, 1, 1000);
	assert_int_equal(lws_wheel_next(&m.wheel, 2000), 1000);
}

static void
test_no_time_at_all_expires_at_once_on_a_tick(void **state)
{
	struct model m;

	(void)state;
	begin(&m, 1000, 0);
	m.now = 4000;
	advance(&m);
	arm(&m, 3, 0);
	assert_int_equal(lws_wheel_next(&m.wheel, m.now), 0);
	advance(&m);
	assert_int_equal(m.earliest[3], 0);
}

static void
test_a_timer_on_the_expired_list_can_be_disarmed(void **state)
{
	struct lws_list expired;
	struct model m;

	(void)state;
	begin(&m, 10, 0);
	arm(&m, 0, 10);
	arm(&m, 1, 10);
	lws_list_init(&expired);
	lws_wheel_advance(&m.wheel, 10, &expired);
	assert_ptr_equal(lws_list_pop(&expired), &m.timer[0].link);
	m.now = 10;
	disarm(&m, 1);
	assert_true(lws_list_empty(&expired));
	arm(&m, 0, 10);
	assert_true(lws_wheel_valid(&m.wheel));
	m.earliest[0] = 20;
	m.now = 20;
	advance(&m);
}

static void
test_a_clock_that_stands_or_steps_back_harms_nobody(void **state)
{
	struct model m;

	(void)state;
	begin(&m, 1000, 500000);
	m.now = 600000;
	arm(&m, 0, 3000);
	m.now = 601000;
	advance(&m);
	m.now = 100;
	arm(&m, 1, 2000);
	lws_wheel_next(&m.wheel, 0);
	m.now = 599000;
	assert_true(lws_wheel_next(&m.wheel, m.now) >= 0);
	assert_true(lws_wheel_valid(&m.wheel));
	disarm(&m, 1);
	m.now = 604000;
	advance(&m);
	assert_int_equal(m.earliest[0], 0);
}

static void
test_the_farthest_deadline_does_not_become_a_near_one(void **state)
{
	static const uint64_t far[] = {
		UINT64_MAX, UINT64_MAX - 1, (uint64_t)1 << 63,
		(uint64_t)1 << 33, (uint64_t)UINT32_MAX * 1000,
	};
	struct lws_list expired;
	struct model m;
	size_t n;

	(void)state;
	lws_list_init(&expired);
	begin(&m, 1, 77);
	m.now = 1000;
	for (n = 0; n < COUNT(far); n++) {
		lws_wheel_arm(&m.wheel, &m.timer[n], m.now, far[n]);
		m.earliest[n] = UINT64_MAX;
	}
	for (n = 0; n < 1000; n++) {
		m.now += 250;
		lws_wheel_advance(&m.wheel, m.now, &expired);
		assert_true(lws_list_empty(&expired));
	}
	assert_true(lws_wheel_valid(&m.wheel));
}

/* Its slot comes by once a revolution before it is due: no work to wait for. */
static void
test_a_slot_of_later_rounds_does_not_make_next_say_now(void **state)
{
	static const uint64_t delays[] = { 255000, 256000, 300000, 512000,
					   3600000 };
	struct model m;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(delays) / sizeof(delays[0]); n++) {
		int looks = 0;

		begin(&m, 1000, 5000);
		m.now += 7300;
		arm(&m, 0, delays[n]);
		while (lws_timer_armed(&m.timer[0])) {
			const int64_t next = lws_wheel_next(&m.wheel, m.now);

			assert_true(next > 0);
			m.now += (uint64_t)next;
			advance(&m);
			looks++;
		}
		assert_true(looks <= 2 + (int)(delays[n] / 256000));
	}
}

static void
test_next_says_now_for_one_armed_without_delay_among_later_ones(void **state)
{
	struct model m;

	(void)state;
	begin(&m, 1000, 0);
	m.now = 4000;
	arm(&m, 0, 256000);
	advance(&m);
	assert_true(lws_wheel_next(&m.wheel, m.now) > 0);
	arm(&m, 1, 0);
	assert_int_equal(lws_wheel_next(&m.wheel, m.now), 0);
	advance(&m);
	assert_false(lws_timer_armed(&m.timer[1]));
	assert_true(lws_wheel_next(&m.wheel, m.now) > 0);
}

static void
test_disorder_is_noticed(void **state)
{
	struct model m;

	(void)state;
	begin(&m, 1000, 0);
	arm(&m, 0, 5000);
	assert_true(lws_wheel_valid(&m.wheel));
	m.wheel.map[1] |= 1;
	assert_false(lws_wheel_valid(&m.wheel));
	m.wheel.map[1] = 0;
	m.wheel.map[0] = 0;
	assert_false(lws_wheel_valid(&m.wheel));
	m.wheel.map[0] = 1 << 5;
	assert_true(lws_wheel_valid(&m.wheel));
	m.timer[0].due++;
	assert_false(lws_wheel_valid(&m.wheel));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_random_arms_and_disarms_expire_as_in_the_model),
		cmocka_unit_test(test_ticks_may_wrap_while_timers_run),
		cmocka_unit_test(test_nothing_armed_is_never),
		cmocka_unit_test(
			test_next_is_the_time_to_the_tick_after_the_deadline),
		cmocka_unit_test(test_no_time_at_all_expires_at_once_on_a_tick),
		cmocka_unit_test(
			test_a_timer_on_the_expired_list_can_be_disarmed),
		cmocka_unit_test(
			test_a_clock_that_stands_or_steps_back_harms_nobody),
		cmocka_unit_test(
			test_the_farthest_deadline_does_not_become_a_near_one),
		cmocka_unit_test(
			test_a_slot_of_later_rounds_does_not_make_next_say_now),
		cmocka_unit_test(
			test_next_says_now_for_one_armed_without_delay_among_later_ones),
		cmocka_unit_test(test_disorder_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
