/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of core/mailbox.c. */
#include "unit/core.h"

static const struct lws_stage_ops stage = { .name = "test" };

static bool
woken(void)
{
	struct pollfd p = { .fd = core.context.loops->mailbox.wake.read_fd,
			    .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void
test_nothing_asked_is_nothing_read(void **state)
{
	(void)state;
	core_begin(&lws_event_poll);
	assert_false(woken());
	assert_false(lws_mailbox_read(core.context.loops));
	core_end();
}

static void
test_cancelling_is_read_once_however_often_it_was_asked(void **state)
{
	int n;

	(void)state;
	core_begin(&lws_event_poll);
	for (n = 0; n < 1000; n++)
		libwebsocket_cancel_service(&core.context);
	assert_true(woken());
	assert_true(lws_mailbox_read(core.context.loops));
	assert_false(woken());
	assert_false(lws_mailbox_read(core.context.loops));
	core_end();
}

static void
test_a_protocol_is_asked_and_no_other(void **state)
{
	struct libwebsocket *a, *b;
	int pa, pb;

	(void)state;
	core_begin(&lws_event_poll);
	a = core_wsi(&stage, &pa);
	b = core_wsi(&stage, &pb);
	lws_wsi_bind(a, &core.protocols[0]);
	lws_mailbox_post(core.context.loops, lws_mail_bit(1));
	assert_false(b->flags & LWS_WSI_ASKED);
	assert_true(lws_mailbox_read(core.context.loops));
	assert_false(a->flags & LWS_WSI_ASKED);
	assert_true(b->flags & LWS_WSI_ASKED);
	lws_mailbox_post(core.context.loops, LWS_MAIL_ALL_PROTOCOLS);
	assert_true(lws_mailbox_read(core.context.loops));
	assert_true(a->flags & LWS_WSI_ASKED);
	core_drop(a, pa);
	core_drop(b, pb);
	core_end();
}

static void
test_protocols_beyond_the_bits_are_all_asked(void **state)
{
	unsigned n;

	(void)state;
	for (n = 0; n < 100; n++) {
		uint32_t bit = lws_mail_bit(n);

		assert_true(bit && !(bit & (bit - 1)));
		assert_int_not_equal(bit, LWS_MAIL_CANCEL);
	}
}

static void
test_a_descriptor_left_by_another_thread_is_asked(void **state)
{
	struct libwebsocket *a, *b;
	int pa, pb, n;

	(void)state;
	core_begin(&lws_event_poll);
	a = core_wsi(&stage, &pa);
	b = core_wsi(&stage, &pb);
	for (n = 0; n < 500; n++)
		lws_mailbox_ask(core.context.loops, a->stream.fd);
	/* one that is nobody's does no harm */
	lws_mailbox_ask(core.context.loops, 4000);
	assert_true(woken());
	assert_true(lws_mailbox_read(core.context.loops));
	assert_true(a->flags & LWS_WSI_ASKED);
	assert_false(b->flags & LWS_WSI_ASKED);
	/* more than there are cells: everybody */
	for (n = 0; n < 500; n++)
		lws_mailbox_ask(core.context.loops, 1000 + n);
	assert_true(lws_mailbox_read(core.context.loops));
	assert_true(b->flags & LWS_WSI_ASKED);
	core_drop(a, pa);
	core_drop(b, pb);
	core_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_asked_is_nothing_read),
		cmocka_unit_test(
			test_cancelling_is_read_once_however_often_it_was_asked),
		cmocka_unit_test(test_a_protocol_is_asked_and_no_other),
		cmocka_unit_test(test_protocols_beyond_the_bits_are_all_asked),
		cmocka_unit_test(
			test_a_descriptor_left_by_another_thread_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
