/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of event/poll.c: the contract, then its array and its memory. */
#include "unit/event_contract.h"

static int
choose(void **state)
{
	(void)state;
	backend = &lws_event_poll;
	return 0;
}

static void
test_the_last_moves_into_the_hole_and_its_note_follows(void **state)
{
	short seen[PAIRS];
	struct watched w;

	(void)state;
	begin(&w);
	want(&w, 0, POLLIN);
	want(&w, 1, POLLIN);
	want(&w, 2, POLLIN);
	assert_int_equal(w.ev.count, 3);
	assert_int_equal(w.slot[2], 2);

	want(&w, 0, LWS_EV_ABSENT);
	assert_int_equal(w.ev.count, 2);
	assert_int_equal(w.slot[2], 0);
	assert_int_equal(w.slot[1], 1);

	speak(&w, 2);
	assert_int_equal(look(&w, PAIRS, seen), 1);
	assert_int_equal(seen[2], POLLIN);
	want(&w, 2, POLLOUT);
	look(&w, PAIRS, seen);
	assert_int_equal(seen[2], POLLOUT);
	assert_int_equal(seen[1], 0);

	want(&w, 1, LWS_EV_ABSENT);
	want(&w, 2, LWS_EV_ABSENT);
	assert_int_equal(w.ev.count, 0);
	end(&w);
}

static void
test_a_descriptor_that_is_not_open_is_an_error(void **state)
{
	struct lws_events ev;
	struct lws_ready out;
	uint32_t slot = 0;
	int fd = dup(STDIN_FILENO);

	(void)state;
	close(fd);
	assert_int_equal(backend->init(&ev, 1), 0);
	assert_int_equal(backend->set(&ev, fd, &slot, LWS_EV_ABSENT, POLLIN),
			 0);
	assert_int_equal(backend->wait(&ev, 0, &out, 1), 1);
	assert_int_equal(out.fd, fd);
	assert_int_equal(out.revents, POLLERR);
	backend->fini(&ev);
}

static void
test_memory_that_runs_out_costs_one_and_not_the_rest(void **state)
{
	short seen[PAIRS];
	struct watched w;
	int n, refused, failing;

	(void)state;
	for (failing = 0; failing < 6; failing++) {
		unit_allow(-1);
		begin(&w);
		speak(&w, 0);
		unit_allow(failing);
		for (n = 0, refused = 0; n < PAIRS; n++) {
			const int rc = backend->set(&w.ev, w.mine[n],
						    &w.slot[n], LWS_EV_ABSENT,
						    POLLIN);

			if (!rc) {
				w.want[n] = POLLIN;
				continue;
			}
			assert_int_equal(rc, LWS_ERR_NOMEM);
			refused++;
		}
		assert_int_equal(w.ev.count, PAIRS - refused);
		assert_int_equal(refused > 0, failing < 6);
		look(&w, PAIRS, seen);
		assert_int_equal(seen[0], failing < 2 ? 0 : POLLIN);

		unit_allow(-1);
		for (n = 0; n < PAIRS; n++)
			want(&w, n, POLLIN);
		look(&w, PAIRS, seen);
		assert_int_equal(seen[0], POLLIN);
		end(&w);
		assert_int_equal(unit_blocks, 0);
	}
}

static void
test_without_memory_there_is_no_set(void **state)
{
	struct lws_events ev;

	(void)state;
	unit_allow(0);
	assert_int_equal(backend->init(&ev, 10), LWS_ERR_NOMEM);
	unit_allow(-1);
	assert_int_equal(unit_blocks, 0);
}

int
main(void)
{
	const struct CMUnitTest own[] = {
		cmocka_unit_test(
			test_the_last_moves_into_the_hole_and_its_note_follows),
		cmocka_unit_test(
			test_a_descriptor_that_is_not_open_is_an_error),
		cmocka_unit_test(
			test_memory_that_runs_out_costs_one_and_not_the_rest),
		cmocka_unit_test(test_without_memory_there_is_no_set),
	};

	return cmocka_run_group_tests(event_contract, choose, NULL) +
	       cmocka_run_group_tests(own, choose, NULL);
}
