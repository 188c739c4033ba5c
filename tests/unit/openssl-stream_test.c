/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of tls/openssl-stream.c. */
#include "unit/tls-pair.h"

#define RECORD 16384

static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

static uint8_t data[10 * RECORD], got[10 * RECORD];

static void
begin(struct unit_tls *t)
{
	size_t n;

	for (n = 0; n < sizeof(data); n++)
		data[n] = (uint8_t)(n * 7 + n / 251);
	memset(got, 0, sizeof(got));
	unit_tls_begin(t);
}

static ssize_t
send_text(struct lws_stream *stream, const char *text)
{
	const struct lws_span v = lws_span_str(text);

	return stream->ops->sendv(stream, &v, 1);
}

/* What @stream gives until it has no more: how much, and the last result. */
static size_t
take_all(struct lws_stream *stream, size_t piece, ssize_t *last)
{
	size_t sum = 0;

	while ((*last = stream->ops->recv(stream, got + sum, piece)) > 0)
		sum += (size_t)*last;
	return sum;
}

/* ---- handshakes ---- */

static void
test_any_slicing_of_the_handshake_gives_the_same_connection(void **state)
{
	static const size_t slices[] = { 1, 2, 3, 5, 7, 64, 1000, WHOLE };
	char text[128], want[2][128] = { "", "" };
	struct unit_tls t;
	size_t n, v;

	(void)state;
	for (n = 0; n < COUNT(slices) * COUNT(versions); n++) {
		v = n % COUNT(versions);
		begin(&t);
		unit_version = versions[v];
		unit_tls_open(&t);
		unit_tls_meet(&t, NULL, 1);
		unit_tls_shake(&t, slices[n / COUNT(versions)]);
		assert_int_equal(t.at_client, 0);
		assert_int_equal(t.at_server, 0);
		lws_tls_describe(&t.c, text, sizeof(text));
		if (!want[v][0])
			memcpy(want[v], text, sizeof(text));
		assert_string_equal(text, want[v]);
		assert_memory_equal(text, v ? "TLSv1.3 " : "TLSv1.2 ", 8);
		assert_int_equal(send_text(&t.c, "hello"), 5);
		unit_tls_flush(&t);
		assert_int_equal(t.s.ops->recv(&t.s, got, 100), 5);
		unit_tls_part(&t);
		unit_tls_end(&t);
	}
}

static void
test_a_handshake_that_waits_names_the_readiness(void **state)
{
	struct unit_tls t;

	(void)state;
	begin(&t);
	unit_tls_open(&t);
	unit_tls_meet(&t, NULL, 1);
	assert_int_equal(t.s.ops->handshake(&t.s), LWS_ERR_AGAIN);
	assert_int_equal(t.s.want, POLLIN);
	while (send(t.c.fd, data, sizeof(data), MSG_NOSIGNAL) > 0)
		;
	assert_int_equal(t.c.ops->handshake(&t.c), LWS_ERR_AGAIN);
	assert_int_equal(t.c.want, POLLOUT);
	assert_true(t.c.notes & LWS_STREAM_RX_OUT);
	while (recv(t.wire[0], got, sizeof(got), 0) > 0)
		;
	assert_int_equal(t.c.ops->handshake(&t.c), LWS_ERR_AGAIN);
	assert_int_equal(t.c.want, POLLIN);
	assert_false(t.c.notes & LWS_STREAM_RX_OUT);
	unit_tls_part(&t);
	unit_tls_end(&t);
}

/* Hang up on the server (@to 0) or client after @cut bytes; was it too late? */
static bool
hang_up(struct unit_tls *t, int to, size_t cut)
{
	int *rc = to ? &t->at_client : &t->at_server;
	bool done;

	unit_tls_meet(t, NULL, 1);
	t->why[0] = '\0';
	t->at_client = t->at_server = LWS_ERR_AGAIN;
	while (t->carried[to] < cut && *rc == LWS_ERR_AGAIN) {
		unit_tls_step(t, 1);
		unit_tls_carry(t, !to, WHOLE);
	}
	shutdown(t->wire[!to], SHUT_RDWR);
	done = *rc == 0;
	while (*rc == LWS_ERR_AGAIN)
		unit_tls_step(t, 1);
	if (!done && (*rc >= LWS_ERR_AGAIN || !t->why[0]))
		fail_msg("after %zu bytes: %d, \"%s\"", cut, *rc, t->why);
	unit_tls_part(t);
	return done;
}

static void
test_a_close_in_any_state_ends_the_handshake_with_a_reason(void **state)
{
	struct unit_tls t;
	size_t cut, v;
	int to;

	(void)state;
	for (v = 0; v < COUNT(versions); v++) {
		begin(&t);
		unit_version = versions[v];
		unit_tls_open(&t);
		for (to = 0; to < 2; to++) {
			for (cut = 0; !hang_up(&t, to, cut); cut += 11)
				;
			assert_true(cut > 200);
		}
		unit_tls_end(&t);
	}
}

static void
test_bytes_that_come_with_the_last_of_the_handshake_are_pending(void **state)
{
	struct unit_tls t;

	(void)state;
	begin(&t);
	unit_tls_open(&t);
	unit_tls_meet(&t, NULL, 1);
	assert_int_equal(t.c.ops->handshake(&t.c), LWS_ERR_AGAIN);
	unit_tls_carry(&t, 0, WHOLE);
	assert_int_equal(t.s.ops->handshake(&t.s), LWS_ERR_AGAIN);
	unit_tls_carry(&t, 1, WHOLE);
	assert_int_equal(t.c.ops->handshake(&t.c), 0);
	assert_int_equal(send_text(&t.c, "early"), 5);
	unit_tls_carry(&t, 0, WHOLE);
	assert_int_equal(t.s.ops->handshake(&t.s), 0);
	assert_true(t.s.ops->pending(&t.s));
	assert_int_equal(t.s.ops->recv(&t.s, got, 100), 5);
	assert_false(t.s.ops->pending(&t.s));
	unit_tls_part(&t);
	unit_tls_end(&t);
}

/* ---- sending ---- */

/* Take what the client has sent off the wire: records of data in it. */
static unsigned
count_records(struct unit_tls *t)
{
	static uint8_t raw[WHOLE];
	size_t at = 0, len = 0;
	unsigned records = 0;
	ssize_t n;

	while ((n = recv(t->wire[0], raw + len, sizeof(raw) - len, 0)) > 0)
		len += (size_t)n;
	while (at < len) {
		assert_true(len - at > 5);
		records += raw[at] == 23;
		at += 5u + (size_t)(raw[at + 3] << 8 | raw[at + 4]);
	}
	assert_int_equal(at, len);
	assert_int_equal(send(t->wire[1], raw, len, 0), len);
	return records;
}

static void
test_records_are_as_few_as_sixteen_kibibytes_allow(void **state)
{
	static const struct {
		size_t len, spans;
		unsigned records;
	} rows[] = {
		{ 0, 3, 0 }, { 1, 1, 1 }, { 100, 100, 1 }, { RECORD - 1, 1, 1 },
		{ RECORD, 1, 1 }, { RECORD, 2, 1 }, { RECORD, 128, 1 },
		{ RECORD + 1, 1, 2 }, { RECORD + 1, 2, 2 },
		{ 2 * RECORD, 1, 2 }, { 2 * RECORD, 3, 2 },
		{ 2 * RECORD + 1, 1, 3 }, { 2 * RECORD + 1, 77, 3 },
	};
	struct lws_span v[128];
	struct unit_tls t;
	ssize_t last;
	size_t n, k, at;

	(void)state;
	begin(&t);
	unit_tls_open(&t);
	unit_tls_ready(&t);
	for (n = 0; n < COUNT(rows); n++) {
		const size_t part = rows[n].len / rows[n].spans;

		for (at = k = 0; k < rows[n].spans; at += part, k++)
			v[k] = lws_span(data + at, part);
		v[k - 1].len = rows[n].len - (at - part);
		assert_int_equal(t.c.ops->sendv(&t.c, v, rows[n].spans),
				 rows[n].len);
		assert_int_equal(count_records(&t), rows[n].records);
		assert_int_equal(take_all(&t.s, 50000, &last), rows[n].len);
		assert_memory_equal(got, data, rows[n].len);
	}
	unit_tls_part(&t);
	unit_tls_end(&t);
}

static void
test_spans_may_be_empty_anywhere(void **state)
{
	const struct lws_span v[] = {
		lws_span("", 0), lws_span_str("ab"), lws_span("", 0),
		lws_span("", 0), lws_span_str("cde"), lws_span("", 0),
	};
	struct unit_tls t;

	(void)state;
	begin(&t);
	unit_tls_open(&t);
	unit_tls_ready(&t);
	assert_int_equal(t.c.ops->sendv(&t.c, v, COUNT(v)), 5);
	assert_int_equal(t.c.ops->sendv(&t.c, v, 1), 0);
	unit_tls_flush(&t);
	assert_int_equal(t.s.ops->recv(&t.s, got, 100), 5);
	assert_memory_equal(got, "abcde", 5);
	unit_tls_part(&t);
	unit_tls_end(&t);
}

/*
 * Send data from @off on in spans of @part bytes that lie elsewhere each time;
 * at most 20 of them, as a queue would offer.
 */
static ssize_t
send_some(struct lws_stream *stream, size_t off, size_t part)
{
	struct lws_span v[20];
	size_t n, len = sizeof(data) - off;
	uint8_t *copy = malloc(len);
	ssize_t sent;

	assert_non_null(copy);
	memcpy(copy, data + off, len);
	for (n = 0; n < COUNT(v) && n * part < len; n++)
		v[n] = lws_span(copy + n * part, len - n * part < part ?
						 len - n * part : part);
	sent = stream->ops->sendv(stream, v, n);
	free(copy);
	return sent;
}

static void
test_what_a_full_socket_refuses_is_sent_from_another_address(void **state)
{
	static const size_t parts[] = { 1000, 5000, RECORD, 40000 };
	size_t n, sent, taken, again;
	struct unit_tls t;
	ssize_t rc;

	(void)state;
	for (n = 0; n < COUNT(parts); n++) {
		begin(&t);
		unit_tls_open(&t);
		unit_tls_ready(&t);
		rc = 4096;
		setsockopt(t.c.fd, SOL_SOCKET, SO_SNDBUF, &rc, 4);
		for (again = sent = taken = 0; taken < sizeof(data);) {
			rc = sent < sizeof(data)
				? send_some(&t.c, sent, parts[n]) : 0;
			if (rc == LWS_ERR_AGAIN) {
				again++;
				assert_int_equal(t.c.want, POLLOUT);
				assert_false(t.c.notes & LWS_STREAM_TX_IN);
			}
			assert_true(rc >= LWS_ERR_AGAIN);
			sent += rc > 0 ? (size_t)rc : 0;
			unit_tls_carry(&t, 0, 3000);
			rc = t.s.ops->recv(&t.s, got + taken,
					   sizeof(got) - taken);
			taken += rc > 0 ? (size_t)rc : 0;
		}
		assert_true(again > 0);
		assert_memory_equal(got, data, sizeof(data));
		unit_tls_part(&t);
		unit_tls_end(&t);
	}
}

static void
test_sending_to_nobody_fails(void **state)
{
	struct unit_tls t;

	(void)state;
	begin(&t);
	unit_tls_open(&t);
	unit_tls_ready(&t);
	close(t.wire[0]);
	t.wire[0] = dup(STDIN_FILENO);
	assert_int_equal(send_text(&t.c, "x"), LWS_ERR_IO);
	assert_int_equal(send_text(&t.c, "x"), LWS_ERR_IO);
	unit_tls_part(&t);
	unit_tls_end(&t);
}

/* ---- receiving ---- */

static void
test_pending_tells_what_poll_cannot_see(void **state)
{
	struct unit_tls t;
	size_t sum = 0, len;

	(void)state;
	begin(&t);
	unit_tls_open(&t);
	unit_tls_ready(&t);
	assert_false(t.s.ops->pending(&t.s));
	for (len = 0; len < 1000; len += 10)
		assert_int_equal(send_text(&t.c, "0123456789"), 10);
	unit_tls_flush(&t);
	assert_false(t.s.ops->pending(&t.s));
	while (sum < len) {
		struct pollfd p = { .fd = t.s.fd, .events = POLLIN };

		if (sum)
			assert_true(poll(&p, 1, 0) == 1 ||
				    t.s.ops->pending(&t.s));
		assert_int_equal(t.s.ops->recv(&t.s, got, 7),
				 len - sum < 7 ? len - sum : 7);
		sum += len - sum < 7 ? len - sum : 7;
	}
	assert_int_equal(t.s.ops->recv(&t.s, got, 7), LWS_ERR_AGAIN);
	assert_int_equal(t.s.want, POLLIN);
	assert_false(t.s.ops->pending(&t.s));
	unit_tls_part(&t);
	unit_tls_end(&t);
}

static void
test_any_slicing_of_records_gives_the_same_bytes(void **state)
{
	const struct lws_span v = lws_span(data, 500);
	struct unit_tls t;
	size_t slice, sum;
	ssize_t n;
	int k;

	(void)state;
	begin(&t);
	unit_tls_open(&t);
	unit_tls_ready(&t);
	for (slice = 1; slice < 40; slice++) {
		for (k = 0; k < 3; k++)
			assert_int_equal(t.c.ops->sendv(&t.c, &v, 1), 500);
		sum = 0;
		while (unit_tls_carry(&t, 0, slice)) {
			while ((n = t.s.ops->recv(&t.s, got + sum, 333)) > 0)
				sum += (size_t)n;
			assert_int_equal(n, LWS_ERR_AGAIN);
		}
		assert_int_equal(sum, 1500);
		for (k = 0; k < 3; k++)
			assert_memory_equal(got + k * 500, data, 500);
	}
	unit_tls_part(&t);
	unit_tls_end(&t);
}

static void
test_goodbye_is_the_end_of_input_and_not_of_output(void **state)
{
	struct unit_tls t;
	ssize_t last;

	(void)state;
	begin(&t);
	unit_tls_open(&t);
	unit_tls_ready(&t);
	assert_int_equal(send_text(&t.c, "last"), 4);
	t.c.ops->finish(&t.c);
	t.c.ops->finish(&t.c);
	unit_tls_flush(&t);
	assert_int_equal(take_all(&t.s, 100, &last), 4);
	assert_int_equal(last, 0);
	assert_int_equal(t.s.ops->recv(&t.s, got, 1), 0);
	assert_int_equal(send_text(&t.s, "answer"), 6);
	unit_tls_flush(&t);
	assert_int_equal(t.c.ops->recv(&t.c, got, 100), 6);
	unit_tls_part(&t);
	unit_tls_end(&t);
}

static void
test_truncation_is_no_goodbye(void **state)
{
	struct unit_tls t;
	ssize_t last;

	(void)state;
	begin(&t);
	unit_tls_open(&t);
	unit_tls_ready(&t);
	assert_int_equal(send_text(&t.c, "last"), 4);
	unit_tls_flush(&t);
	shutdown(t.wire[1], SHUT_WR);
	assert_int_equal(take_all(&t.s, 100, &last), 4);
	assert_int_equal(last, LWS_ERR_CLOSED);
	unit_tls_part(&t);
	unit_tls_end(&t);
}

/* ---- what ends a connection in the midst of it ---- */

static unsigned lines;
static char line[256];

static void
note_line(int level, const char *text)
{
	(void)level;
	lines++;
	snprintf(line, sizeof(line), "%s", text);
}

/* Is what is logged at INFO part of this build? */
static void
assert_one_line(const char *want)
{
#ifdef _DEBUG
	if (lines != 1 || !strstr(line, want))
		fail_msg("%u lines, \"%s\", not \"%s\"", lines, line, want);
#else
	(void)want;
#endif
}

/* The second record is cut after @cut bytes: one read brings both. */
static void
cut_short(size_t cut)
{
	struct unit_tls t;
	size_t first;
	ssize_t last;

	begin(&t);
	unit_tls_open(&t);
	unit_tls_ready(&t);
	first = t.carried[0];
	assert_int_equal(send_text(&t.c, "whole"), 5);
	unit_tls_flush(&t);
	first = t.carried[0] - first;
	assert_int_equal(send_text(&t.c, "whole"), 5);
	assert_true(cut < first);
	assert_int_equal(unit_tls_carry(&t, 0, cut), cut);
	shutdown(t.wire[1], SHUT_WR);
	lines = 0;
	lws_set_log_level(LLL_ERR | LLL_INFO, note_line);
	assert_int_equal(take_all(&t.s, 100, &last), 5);
	assert_int_equal(last, LWS_ERR_CLOSED);
	assert_one_line("truncated");
	unit_tls_part(&t);
	unit_tls_end(&t);
}

static void
test_a_record_cut_short_is_truncation_behind_what_is_whole(void **state)
{
	size_t cut;

	(void)state;
	for (cut = 1; cut < 27; cut++)
		cut_short(cut);
}

static void
test_garbage_is_refused_behind_what_is_whole(void **state)
{
	static const struct {
		const char *bytes, *line;
		size_t len;
	} rows[] = {
		{ "\x17\x03\x03\x00\x13" "not encrypted at all", "mac", 24 },
		{ "\x17\x03\x03\xff\xff", "length too long", 5 },
		{ "GET / HTTP/1.1\r\n\r\n", "TLS: ", 18 },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff", "TLS: ", 8 },
	};
	struct unit_tls t;
	ssize_t last;
	size_t n;

	(void)state;
	for (n = 0; n < 2 * COUNT(rows); n++) {
		const size_t k = n / 2;

		begin(&t);
		unit_tls_open(&t);
		unit_tls_ready(&t);
		lines = 0;
		lws_set_log_level(LLL_ERR | LLL_INFO, note_line);
		if (n % 2)
			assert_int_equal(send_text(&t.c, "whole"), 5);
		unit_tls_flush(&t);
		assert_int_equal(send(t.wire[1], rows[k].bytes, rows[k].len,
				      0), rows[k].len);
		assert_int_equal(take_all(&t.s, 100, &last), n % 2 ? 5 : 0);
		assert_int_equal(last, LWS_ERR_PROTOCOL);
		assert_one_line(rows[k].line);
		unit_tls_part(&t);
		unit_tls_end(&t);
	}
}

/* ---- the rest ---- */

static void
test_closing_forgets_the_descriptor_and_the_session(void **state)
{
	struct unit_tls t;

	(void)state;
	begin(&t);
	unit_tls_open(&t);
	unit_tls_ready(&t);
	assert_string_equal(t.c.ops->name, "TLS");
	assert_int_equal(lws_tls_kind(&t.c), 1);
	t.c.ops->close(&t.c);
	assert_int_equal(t.c.fd, -1);
	assert_null(t.c.tls);
	assert_int_equal(lws_tls_kind(&t.c), 0);
	unit_tls_carry(&t, 0, WHOLE);
	assert_int_equal(t.s.ops->recv(&t.s, got, 1), 0);
	t.c.ops = &lws_transport_plain;
	unit_tls_part(&t);
	unit_tls_end(&t);
}

/* A socket pair cannot do it, so OpenSSL goes on by itself. */
static void
test_where_the_kernel_cannot_help_nothing_is_missing(void **state)
{
	struct unit_tls t;
	ssize_t last;

	(void)state;
	begin(&t);
	t.serves.options = LWS_SERVER_OPTION_KTLS;
	unit_tls_open(&t);
	unit_tls_ready(&t);
	assert_int_equal(send_text(&t.c, "hello"), 5);
	unit_tls_flush(&t);
	assert_int_equal(take_all(&t.s, 3, &last), 5);
	assert_int_equal(last, LWS_ERR_AGAIN);
	assert_int_equal(send_text(&t.s, "answer"), 6);
	unit_tls_flush(&t);
	assert_int_equal(take_all(&t.c, 100, &last), 6);
	unit_tls_part(&t);
	unit_tls_end(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_any_slicing_of_the_handshake_gives_the_same_connection),
		cmocka_unit_test(
			test_a_handshake_that_waits_names_the_readiness),
		cmocka_unit_test(
			test_a_close_in_any_state_ends_the_handshake_with_a_reason),
		cmocka_unit_test(
			test_bytes_that_come_with_the_last_of_the_handshake_are_pending),
		cmocka_unit_test(
			test_records_are_as_few_as_sixteen_kibibytes_allow),
		cmocka_unit_test(test_spans_may_be_empty_anywhere),
		cmocka_unit_test(
			test_what_a_full_socket_refuses_is_sent_from_another_address),
		cmocka_unit_test(test_sending_to_nobody_fails),
		cmocka_unit_test(test_pending_tells_what_poll_cannot_see),
		cmocka_unit_test(
			test_any_slicing_of_records_gives_the_same_bytes),
		cmocka_unit_test(
			test_goodbye_is_the_end_of_input_and_not_of_output),
		cmocka_unit_test(test_truncation_is_no_goodbye),
		cmocka_unit_test(
			test_a_record_cut_short_is_truncation_behind_what_is_whole),
		cmocka_unit_test(test_garbage_is_refused_behind_what_is_whole),
		cmocka_unit_test(
			test_closing_forgets_the_descriptor_and_the_session),
		cmocka_unit_test(
			test_where_the_kernel_cannot_help_nothing_is_missing),
	};

	return cmocka_run_group_tests(tests, unit_make_certs, unit_drop_certs);
}
