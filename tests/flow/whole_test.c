/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of protocols that take whole messages (max_message_size): one callback
 * a message however it is fragmented and sliced, and an end at the limit.
 */
#include "flow/flow.h"

#define MOST 1000

static unsigned messages;
static size_t last_len;
static int last_binary;

static int
receive(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	void *in, size_t len)
{
	if (reason != LWS_CALLBACK_RECEIVE)
		return 0;
	messages++;
	last_len = len;
	last_binary = lws_frame_is_binary(c->wsi);
	assert_true(libwebsocket_is_final_fragment(c->wsi));
	assert_int_equal(libwebsockets_remaining_packet_payload(c->wsi), 0);
	assert_int_equal(((uint8_t *)in)[len], 0);
	return 0;
}

/* A stranger who has upgraded to a protocol with a limit of MOST bytes. */
static struct flow_raw *
begin(struct flow *f)
{
	flow_begin(f);
	f->hook = receive;
	f->side[0].protocols[1].rx_buffer_size = 10;
	f->side[0].protocols[1].max_message_size = MOST;
	messages = 0;
	flow_open(f);
	return flow_raw_ws(f, 0);
}

static void
fill(uint8_t *data, size_t len)
{
	size_t n;

	for (n = 0; n < len; n++)
		data[n] = (uint8_t)('a' + n % 26);
}

/* The bytes of a masked frame, to be sent in slices of the test's own. */
static size_t
frame(uint8_t *out, int first, const uint8_t *data, size_t len)
{
	size_t n = 2, k;

	out[0] = (uint8_t)first;
	out[1] = (uint8_t)(0x80 | (len < 126 ? len : 126));
	if (len >= 126) {
		out[n++] = (uint8_t)(len >> 8);
		out[n++] = (uint8_t)len;
	}
	memset(out + n, 0, 4);
	n += 4;
	for (k = 0; k < len; k++)
		out[n++] = data[k];
	return n;
}

static void
test_a_message_comes_once_however_it_is_sliced(void **state)
{
	uint8_t data[300], wire[400];
	size_t n, step, len;
	unsigned want = 0;
	struct flow f;
	struct flow_raw *r = begin(&f);

	(void)state;
	fill(data, sizeof(data));
	len = frame(wire, 0x82, data, sizeof(data));
	for (step = 1; step <= len; step += step < 8 ? 1 : 97) {
		for (n = 0; n < len; n += step)
			flow_raw_send(&f, r, wire + n,
				      len - n < step ? len - n : step);
		want++;
		FLOW_UNTIL(&f, messages == want);
		assert_int_equal(last_len, sizeof(data));
		assert_int_equal(last_binary, 1);
	}
	assert_int_equal(flow_server(&f, 0)->got.len, want * sizeof(data));
	for (n = 0; n < want; n++)
		assert_memory_equal(flow_server(&f, 0)->got.p +
					    n * sizeof(data),
				    data, sizeof(data));
	flow_end(&f);
}

static void
test_fragments_are_joined_with_control_frames_between(void **state)
{
	struct flow f;
	struct flow_raw *r = begin(&f);

	(void)state;
	flow_raw_frame(&f, r, 0x01, "", 0);
	flow_raw_frame(&f, r, 0x00, "one, ", 5);
	flow_raw_frame(&f, r, 0x89, "ping", 4);
	flow_raw_frame(&f, r, 0x00, "", 0);
	flow_raw_frame(&f, r, 0x00, "two, ", 5);
	flow_raw_frame(&f, r, 0x80, "three", 5);
	FLOW_UNTIL(&f, messages == 1);
	assert_int_equal(last_len, 15);
	assert_memory_equal(flow_server(&f, 0)->got.p, "one, two, three", 15);
	assert_int_equal(last_binary, 0);

	/* an empty final fragment ends a message, an empty frame is one */
	flow_raw_frame(&f, r, 0x02, "four", 4);
	flow_raw_frame(&f, r, 0x80, "", 0);
	flow_raw_frame(&f, r, 0x81, "", 0);
	FLOW_UNTIL(&f, messages == 3);
	assert_int_equal(last_len, 0);
	assert_int_equal(flow_server(&f, 0)->got.len, 19);
	flow_end(&f);
}

static void
test_a_message_of_exactly_the_limit_is_taken(void **state)
{
	uint8_t data[MOST];
	struct flow f;
	struct flow_raw *r = begin(&f);

	(void)state;
	fill(data, sizeof(data));
	flow_raw_frame(&f, r, 0x82, data, MOST);
	FLOW_UNTIL(&f, messages == 1);
	flow_raw_frame(&f, r, 0x02, data, MOST - 1);
	flow_raw_frame(&f, r, 0x80, data, 1);
	FLOW_UNTIL(&f, messages == 2);
	assert_int_equal(last_len, MOST);
	flow_end(&f);
}

static void
test_a_header_over_the_limit_ends_the_connection(void **state)
{
	static const uint8_t lengths[][10] = {
		{ 0xfe, (MOST + 1) >> 8, (MOST + 1) & 0xff },
		{ 0xff, 0x3f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	};
	unsigned n;

	(void)state;
	for (n = 0; n < COUNT(lengths); n++) {
		struct flow f;
		struct flow_raw *r = begin(&f);

		flow_raw_send(&f, r, "\x82", 1);
		flow_raw_send(&f, r, lengths[n],
			      lengths[n][0] == 0xfe ? 3 : 9);
		flow_raw_send(&f, r, "\0\0\0\0x", 5);
		FLOW_UNTIL(&f, flow_raw_close_code(r) == 1009);
		FLOW_UNTIL(&f, flow_over(flow_server(&f, 0)));
		assert_int_equal(messages, 0);
		flow_end(&f);
	}
}

static void
test_fragments_over_the_limit_end_the_connection(void **state)
{
	uint8_t data[MOST];
	struct flow f;
	struct flow_raw *r = begin(&f);

	(void)state;
	fill(data, sizeof(data));
	flow_raw_frame(&f, r, 0x02, data, MOST);
	flow_raw_frame(&f, r, 0x00, "x", 1);
	FLOW_UNTIL(&f, flow_raw_close_code(r) == 1009);
	assert_int_equal(messages, 0);
	flow_end(&f);
}

static void
test_many_small_fragments_are_one_message(void **state)
{
	uint8_t wire[7 * MOST];
	size_t len = 0, n;
	struct flow f;
	struct flow_raw *r = begin(&f);

	(void)state;
	for (n = 0; n < MOST; n++)
		len += frame(wire + len, (n ? 0 : 2) | (n + 1 == MOST) << 7,
			     (const uint8_t *)"x", 1);
	flow_raw_send(&f, r, wire, len);
	FLOW_UNTIL(&f, messages == 1);
	assert_int_equal(last_len, MOST);
	flow_end(&f);
}

static void
test_a_failing_allocation_ends_one_connection(void **state)
{
	struct flow f;
	struct flow_raw *r = begin(&f), *other = flow_raw_ws(&f, 0);

	(void)state;
	flow_raw_frame(&f, r, 0x02, "first", 5);
	flow_idle(&f, 50);
	flow_fail_allocation(0);
	flow_raw_frame(&f, other, 0x02, "second", 6);
	FLOW_UNTIL(&f, flow_allocation_failed());
	flow_fail_allocation(-1);
	flow_raw_frame(&f, r, 0x80, ", last", 6);
	FLOW_UNTIL(&f, messages == 1);
	assert_int_equal(last_len, 11);
	flow_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_message_comes_once_however_it_is_sliced),
		cmocka_unit_test(
			test_fragments_are_joined_with_control_frames_between),
		cmocka_unit_test(test_a_message_of_exactly_the_limit_is_taken),
		cmocka_unit_test(
			test_a_header_over_the_limit_ends_the_connection),
		cmocka_unit_test(
			test_fragments_over_the_limit_end_the_connection),
		cmocka_unit_test(test_many_small_fragments_are_one_message),
		cmocka_unit_test(test_a_failing_allocation_ends_one_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
