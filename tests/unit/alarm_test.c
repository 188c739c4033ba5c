/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of core/alarm.c. */
#include "unit/core.h"

#include "core/alarm.h"

struct bell {
	struct lws_alarm alarm;
	uint64_t rung_at;
	unsigned times;
	int again;		/* ms, or -1 */
	struct bell *stops;	/* another one */
};

static struct lws_loop *
loop(void)
{
	return core.context.loops;
}

static void
ring(struct lws_alarm *alarm)
{
	struct bell *b = lws_container_of(alarm, struct bell, alarm);

	b->rung_at = lws_plat_now_ms();
	b->times++;
	if (b->again >= 0)
		lws_alarm_set(loop(), alarm, (uint32_t)b->again);
	if (b->stops)
		lws_alarm_stop(loop(), &b->stops->alarm);
}

static void
make(struct bell *b)
{
	memset(b, 0, sizeof(*b));
	b->again = -1;
	lws_alarm_init(&b->alarm, ring);
}

static void
test_the_loop_waits_as_long_as_it_has_to(void **state)
{
	struct bell soon, later;
	uint64_t begun;

	(void)state;
	core_begin(&lws_event_poll);
	make(&soon);
	make(&later);
	begun = lws_plat_now_ms();
	lws_alarm_set(loop(), &later.alarm, 120);
	lws_alarm_set(loop(), &soon.alarm, 30);
	while (!later.times)
		lws_loop_turn(loop(), 5000);
	assert_int_equal(soon.times, 1);
	assert_int_equal(later.times, 1);
	assert_true(soon.rung_at - begun >= 30);
	assert_true(later.rung_at - begun >= 120);
	core_end();
}

static void
test_zero_is_the_end_of_the_turn(void **state)
{
	struct bell b;

	(void)state;
	core_begin(&lws_event_poll);
	make(&b);
	b.again = 0;
	lws_alarm_set(loop(), &b.alarm, 0);
	assert_int_equal(lws_alarm_next(loop(), loop()->now_ms), 0);
	lws_loop_turn(loop(), 5000);
	assert_int_equal(b.times, 1);
	/* what is set while they ring comes a turn later */
	lws_loop_turn(loop(), 5000);
	assert_int_equal(b.times, 2);
	lws_alarm_stop(loop(), &b.alarm);
	assert_int_equal(lws_alarm_next(loop(), loop()->now_ms), -1);
	lws_loop_turn(loop(), 0);
	assert_int_equal(b.times, 2);
	core_end();
}

static void
test_ringing_may_stop_others_that_are_due(void **state)
{
	struct bell first, second;

	(void)state;
	core_begin(&lws_event_poll);
	make(&first);
	make(&second);
	first.stops = &second;
	second.stops = &first;
	lws_alarm_set(loop(), &first.alarm, 0);
	lws_alarm_set(loop(), &second.alarm, 0);
	lws_loop_turn(loop(), 5000);
	assert_int_equal(first.times, 1);
	assert_int_equal(second.times, 0);
	core_end();
}

static void
test_setting_again_moves_it(void **state)
{
	struct bell b;
	uint64_t begun;

	(void)state;
	core_begin(&lws_event_poll);
	make(&b);
	begun = lws_plat_now_ms();
	lws_alarm_set(loop(), &b.alarm, 0);
	lws_alarm_set(loop(), &b.alarm, 60000);
	lws_loop_turn(loop(), 0);
	assert_int_equal(b.times, 0);
	lws_alarm_set(loop(), &b.alarm, 50);
	while (!b.times)
		lws_loop_turn(loop(), 5000);
	assert_true(b.rung_at - begun >= 50);
	lws_alarm_stop(loop(), &b.alarm);
	lws_alarm_stop(loop(), &b.alarm);
	core_end();
}

static void
test_a_foreign_loop_is_woken_for_what_is_due(void **state)
{
	struct pollfd p;
	struct bell b;

	(void)state;
	core_begin(&lws_event_external);
	make(&b);
	p.fd = loop()->mailbox.wake.read_fd;
	p.events = POLLIN;
	assert_int_equal(poll(&p, 1, 0), 0);
	lws_alarm_set(loop(), &b.alarm, 0);
	assert_int_equal(poll(&p, 1, 0), 1);
	lws_loop_turn_fd(loop(), p.fd, POLLIN);
	assert_int_equal(b.times, 1);
	core_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_loop_waits_as_long_as_it_has_to),
		cmocka_unit_test(test_zero_is_the_end_of_the_turn),
		cmocka_unit_test(test_ringing_may_stop_others_that_are_due),
		cmocka_unit_test(test_setting_again_moves_it),
		cmocka_unit_test(test_a_foreign_loop_is_woken_for_what_is_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
