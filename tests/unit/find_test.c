/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of event/find.c and of the backends that this build has. */
#include "unit/unit.h"

#include "event/event.h"

static void
test_every_backend_is_found_by_its_name(void **state)
{
	const struct lws_event_ops *const *at;

	(void)state;
	for (at = lws_event_backends; *at; at++)
		assert_ptr_equal(lws_event_find((*at)->name), *at);
}

static void
test_no_name_gives_the_best(void **state)
{
	(void)state;
	assert_non_null(lws_event_backends[0]);
	assert_ptr_equal(lws_event_find(NULL), lws_event_backends[0]);
	assert_string_equal(lws_event_find(NULL)->name,
			    lws_event_find("epoll") ? "epoll" : "poll");
}

static void
test_poll_and_external_are_in_every_build(void **state)
{
	(void)state;
	assert_ptr_equal(lws_event_find("poll"), &lws_event_poll);
	assert_ptr_equal(lws_event_find("external"), &lws_event_external);
}

static void
test_unknown_names_are_not_found(void **state)
{
	(void)state;
	assert_null(lws_event_find(""));
	assert_null(lws_event_find("Poll"));
	assert_null(lws_event_find("polls"));
	assert_null(lws_event_find("kqueue"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_backend_is_found_by_its_name),
		cmocka_unit_test(test_no_name_gives_the_best),
		cmocka_unit_test(test_poll_and_external_are_in_every_build),
		cmocka_unit_test(test_unknown_names_are_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
