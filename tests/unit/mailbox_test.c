/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of core/mailbox.c. */
#include "unit/core.h"

#include <pthread.h>

static const struct lws_stage_ops stage = { 0 };

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

static void
test_who_ends_takes_along_what_was_asked_of_it(void **state)
{
	struct libwebsocket *a, *b;
	int pa, pb, fd;

	(void)state;
	core_begin(&lws_event_poll);
	a = core_wsi(&stage, &pa);
	fd = a->stream.fd;
	lws_mailbox_ask(core.context.loops, fd);
	core_drop(a, pa);
	/* the system gives the lowest number that is free */
	b = core_wsi(&stage, &pb);
	assert_true(b->stream.fd == fd || pb == fd);
	assert_true(lws_mailbox_read(core.context.loops));
	assert_false(b->flags & LWS_WSI_ASKED);
	core_drop(b, pb);
	core_end();
}

/* ---- what is more than a bit ---- */

struct letter {
	struct lws_mail mail;
	unsigned from, number;
};

static unsigned delivered, dropped, out_of_order;
static unsigned next_of[4];	/* the next number of each sender */

static void
deliver(struct lws_loop *loop, struct lws_mail *mail)
{
	struct letter *l = lws_container_of(mail, struct letter, mail);

	assert_ptr_equal(loop, core.context.loops);
	out_of_order += l->number != next_of[l->from]++;
	delivered++;
	free(l);
}

static void
drop(struct lws_mail *mail)
{
	dropped++;
	free(lws_container_of(mail, struct letter, mail));
}

static void
begin_letters(void)
{
	core_begin(&lws_event_poll);
	delivered = dropped = out_of_order = 0;
	memset(next_of, 0, sizeof(next_of));
}

static void
send_letter(unsigned from, unsigned number)
{
	struct letter *l = calloc(1, sizeof(*l));

	if (!l)
		abort();
	l->mail.deliver = deliver;
	l->mail.drop = drop;
	l->from = from;
	l->number = number;
	lws_mailbox_send(core.context.loops, &l->mail);
}

static void
test_letters_come_once_and_in_the_order_they_were_sent(void **state)
{
	unsigned n;

	(void)state;
	begin_letters();
	for (n = 0; n < 100; n++)
		send_letter(0, n);
	assert_true(woken());
	assert_int_equal(delivered, 0);
	assert_true(lws_mailbox_read(core.context.loops));
	assert_int_equal(delivered, 100);
	assert_int_equal(out_of_order, 0);
	assert_false(woken());
	assert_false(lws_mailbox_read(core.context.loops));
	send_letter(0, n);
	assert_true(woken());
	assert_true(lws_mailbox_read(core.context.loops));
	assert_int_equal(delivered, 101);
	assert_int_equal(dropped, 0);
	core_end();
}

static void
test_letters_that_nobody_read_are_dropped_with_the_loop(void **state)
{
	unsigned n;

	(void)state;
	begin_letters();
	for (n = 0; n < 10; n++)
		send_letter(0, n);
	core_end();
	assert_int_equal(delivered, 0);
	assert_int_equal(dropped, 10);
}

static void
answer(struct lws_loop *loop, struct lws_mail *mail)
{
	deliver(loop, mail);
	send_letter(0, next_of[0]);
}

static void
test_a_letter_sent_while_others_are_delivered_is_not_forgotten(void **state)
{
	struct letter *l;

	(void)state;
	begin_letters();
	l = calloc(1, sizeof(*l));
	assert_non_null(l);
	l->mail.deliver = answer;
	l->mail.drop = drop;
	lws_mailbox_send(core.context.loops, &l->mail);
	assert_true(lws_mailbox_read(core.context.loops));
	assert_int_equal(delivered, 1);
	assert_true(woken());
	assert_true(lws_mailbox_read(core.context.loops));
	assert_int_equal(delivered, 2);
	core_end();
}

#define EACH 5000

static void *
send_many(void *from)
{
	unsigned n;

	for (n = 0; n < EACH; n++)
		send_letter((unsigned)(uintptr_t)from, n);
	return NULL;
}

/* The loop sleeps until it is woken: a wake-up too few would show. */
static void
test_letters_of_many_threads_all_come(void **state)
{
	pthread_t threads[COUNT(next_of)];
	struct pollfd p;
	uintptr_t n;

	(void)state;
	begin_letters();
	for (n = 0; n < COUNT(threads); n++)
		assert_int_equal(pthread_create(&threads[n], NULL, send_many,
						(void *)n), 0);
	p.fd = core.context.loops->mailbox.wake.read_fd;
	p.events = POLLIN;
	while (delivered < COUNT(threads) * EACH) {
		assert_int_equal(poll(&p, 1, 60000), 1);
		lws_mailbox_read(core.context.loops);
	}
	for (n = 0; n < COUNT(threads); n++)
		assert_int_equal(pthread_join(threads[n], NULL), 0);
	assert_int_equal(out_of_order, 0);
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
		cmocka_unit_test(
			test_who_ends_takes_along_what_was_asked_of_it),
		cmocka_unit_test(
			test_letters_come_once_and_in_the_order_they_were_sent),
		cmocka_unit_test(
			test_letters_that_nobody_read_are_dropped_with_the_loop),
		cmocka_unit_test(
			test_a_letter_sent_while_others_are_delivered_is_not_forgotten),
		cmocka_unit_test(test_letters_of_many_threads_all_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
