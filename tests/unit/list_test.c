/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of base/list.h and size.h, which have no source file. */
#include "unit/unit.h"

#include "base/list.h"
#include "base/size.h"

static void
test_members_come_off_in_the_order_they_were_put_on(void **state)
{
	struct lws_list head, item[3];
	int n;

	(void)state;
	lws_list_init(&head);
	assert_true(lws_list_empty(&head));
	assert_null(lws_list_pop(&head));
	for (n = 0; n < 3; n++) {
		lws_list_init(&item[n]);
		lws_list_add(&head, &item[n]);
	}
	for (n = 0; n < 3; n++)
		assert_ptr_equal(lws_list_pop(&head), &item[n]);
	assert_null(lws_list_pop(&head));
}

static void
test_deleting_twice_does_no_harm(void **state)
{
	struct lws_list head, a, b;

	(void)state;
	lws_list_init(&head);
	lws_list_init(&a);
	lws_list_init(&b);
	lws_list_del(&a);
	lws_list_add(&head, &a);
	lws_list_add(&head, &b);
	lws_list_del(&a);
	lws_list_del(&a);
	assert_true(lws_list_empty(&a));
	assert_ptr_equal(head.next, &b);
	assert_ptr_equal(head.prev, &b);
	assert_false(lws_list_empty(&b));
}

static void
test_moving_takes_all_members_and_leaves_none(void **state)
{
	struct lws_list from, to, a, b;

	(void)state;
	lws_list_init(&from);
	lws_list_init(&to);
	lws_list_init(&a);
	lws_list_init(&b);
	lws_list_move(&from, &to);
	assert_true(lws_list_empty(&to));
	lws_list_add(&from, &a);
	lws_list_add(&from, &b);
	lws_list_move(&from, &to);
	assert_true(lws_list_empty(&from));
	lws_list_del(&a);
	assert_ptr_equal(lws_list_pop(&to), &b);
	assert_true(lws_list_empty(&to));
}

static void
test_sums_and_products_that_wrap_are_refused(void **state)
{
	const size_t most = (size_t)-1;
	size_t out = 7;

	(void)state;
	assert_true(lws_add_ok(most, 0, &out) && out == most);
	assert_true(lws_add_ok(most - 3, 3, &out) && out == most);
	out = 7;
	assert_false(lws_add_ok(most, 1, &out));
	assert_false(lws_add_ok(1, most, &out));
	assert_int_equal(out, 7);

	assert_true(lws_mul_ok(0, most, &out) && out == 0);
	assert_true(lws_mul_ok(most, 0, &out) && out == 0);
	assert_true(lws_mul_ok(most, 1, &out) && out == most);
	assert_true(lws_mul_ok(most / 3, 3, &out) && out == most / 3 * 3);
	out = 7;
	assert_false(lws_mul_ok(most / 3 + 1, 3, &out));
	assert_false(lws_mul_ok(most, most, &out));
	assert_int_equal(out, 7);
	assert_int_equal(lws_min(1, 2), 1);
	assert_int_equal(lws_min(2, 1), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_members_come_off_in_the_order_they_were_put_on),
		cmocka_unit_test(test_deleting_twice_does_no_harm),
		cmocka_unit_test(test_moving_takes_all_members_and_leaves_none),
		cmocka_unit_test(test_sums_and_products_that_wrap_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
