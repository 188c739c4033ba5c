/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of serving HTTP to raw sockets: statuses, bodies, files, answers by
 * hand, pipelines and what becomes of the connection.
 */
#include "flow/flow.h"

#include <sys/socket.h>

#include "base/limits.h"

static char file_path[] = "/tmp/lws-flow-XXXXXX";
static uint8_t *file_data;
static size_t file_len;
static char other[] = "X-Other: yes\r\nX-More: too\r\n";

static void
set_file(size_t len)
{
	FILE *out = fopen(file_path, "w");
	size_t n;

	assert_non_null(out);
	free(file_data);
	file_data = malloc(len + 1);
	assert_non_null(file_data);
	for (n = 0; n < len; n++)
		file_data[n] = (uint8_t)(n * 13 + (n >> 10));
	file_len = len;
	assert_int_equal(fwrite(file_data, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
}

/* Stream 100 pieces by hand. */
static int
stream(struct flow_conn *c)
{
	char piece[32];

	if (c->n < 100) {
		snprintf(piece, sizeof(piece), "piece %02ld\n", c->n++);
		assert_int_equal(flow_write(c, piece, strlen(piece),
					    LWS_WRITE_HTTP), 9);
		libwebsocket_callback_on_writable(c->side->context, c->wsi);
		return 0;
	}
	c->n = 0;
	c->data = NULL;
	return lws_http_transaction_completed(c->wsi) ? -1 : 0;
}

static int
begin_stream(struct flow_conn *c)
{
	struct libwebsocket_context *ctx = c->side->context;
	unsigned char buf[512], *p = buf, *end = buf + sizeof(buf);

	assert_int_equal(lws_add_http_header_status(ctx, c->wsi, 200, &p, end),
			 0);
	assert_int_equal(lws_add_http_header_by_token(
			ctx, c->wsi, WSI_TOKEN_HTTP_CONTENT_TYPE,
			(const unsigned char *)"text/plain", 10, &p, end), 0);
	assert_int_equal(lws_add_http_header_by_name(
			ctx, c->wsi, (const unsigned char *)"x-mine:",
			(const unsigned char *)"1", 1, &p, end), 0);
	assert_int_equal(lws_add_http_header_content_length(ctx, c->wsi, 900,
							    &p, end), 0);
	assert_int_equal(lws_finalize_http_header(ctx, c->wsi, &p, end), 0);
	assert_int_equal(flow_write(c, buf, (size_t)(p - buf),
				    LWS_WRITE_HTTP_HEADERS), p - buf);
	c->data = c;
	libwebsocket_callback_on_writable(ctx, c->wsi);
	return 0;
}

static int
serve(struct flow_conn *c, const char *uri)
{
	struct libwebsocket_context *ctx = c->side->context;
	int rc;

	if (!strcmp(uri, "/stream"))
		return begin_stream(c);
	if (!strcmp(uri, "/silent"))
		return 0;
	if (!strcmp(uri, "/no"))
		return -1;
	if (!strncmp(uri, "/file", 5)) {
		rc = libwebsockets_serve_http_file(
			ctx, c->wsi, uri[5] ? "/nowhere" : file_path,
			"application/octet-stream", other,
			(int)strlen(other));
		if (rc < 0 ||
		    (rc > 0 && lws_http_transaction_completed(c->wsi)))
			return -1;
		return 0;
	}
	if (!strncmp(uri, "/body", 5))
		return 0;
	libwebsockets_return_http_status(ctx, c->wsi, 200, uri);
	return lws_http_transaction_completed(c->wsi);
}

static int
site(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
     size_t len)
{
	char text[128];

	switch ((int)reason) {
	case LWS_CALLBACK_HTTP:
		return serve(c, in);
	case LWS_CALLBACK_HTTP_BODY:
		assert_int_equal(lws_hdr_total_length(c->wsi, WSI_TOKEN_HOST),
				 0);
		flow_add(&c->got, in, len);
		return 0;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		snprintf(text, sizeof(text), "got %zu", c->got.len);
		c->got.len = 0;
		libwebsockets_return_http_status(c->side->context, c->wsi, 200,
						 text);
		return lws_http_transaction_completed(c->wsi);
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return c->data ? stream(c) : 0;
	}
	return 0;
}

static void
begin(struct flow *f)
{
	flow_begin(f);
	f->hook = site;
	flow_open(f);
}

/* ---- statuses ---- */

#define H "Host: h\r\n"

static const struct row {
	const char *request, *want;
	bool closes;
} rows[] = {
	{ "GET /x HTTP/1.1\r\n" H "\r\n",
	  "<html><body><h1>200</h1>/x</body></html>", false },
	{ "GET /x HTTP/1.1\r\n" H "Connection: close\r\n\r\n",
	  "Connection: close\r\n", true },
	{ "GET /x HTTP/1.0\r\n\r\n", "Connection: close\r\n", true },
	{ "GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	  "Connection: keep-alive\r\n", false },
	{ "GET /x HTTP/1.1\r\n" H "Connection: foo, Keep-Alive\r\n\r\n",
	  "200 OK", false },
	{ "\r\nGET /x HTTP/1.1\r\n" H "\r\n", "200 OK", false },
	{ "GET /a/../../%62//./c?q=%20 HTTP/1.1\r\n" H "\r\n", "</h1>/b/c</",
	  false },
	{ "GET http://h/abs HTTP/1.1\r\n" H "\r\n", "</h1>/abs</", false },
	{ "DELETE /x HTTP/1.1\r\n" H "\r\n", "200 OK", false },
	{ "OPTIONS /x HTTP/1.1\r\n" H "\r\n", "200 OK", false },
	{ "GET /x\r\n\r\n", "400 ", true },
	{ "GET /x HTTP/1.1\r\n\r\n", "400 ", true },
	{ "GET /x HTTP/1.1\r\n" H "Bad Name: x\r\n\r\n", "400 ", true },
	{ "GET /x%00 HTTP/1.1\r\n" H "\r\n", "400 ", true },
	{ "GET /x%0a HTTP/1.1\r\n" H "\r\n", "400 ", true },
	{ "GET x HTTP/1.1\r\n" H "\r\n", "400 ", true },
	{ "POST /body HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\n", "400 ",
	  true },
	{ "POST /body HTTP/1.1\r\n" H
	  "Content-Length: 18446744073709551616\r\n\r\n", "400 ", true },
	{ "POST /body HTTP/1.1\r\n" H "Content-Length: 1\r\n"
	  "Content-Length: 2\r\n\r\n", "400 ", true },
	{ "BREW /pot HTTP/1.1\r\n" H "\r\n", "501 ", true },
	{ "GET /x HTTP/2.0\r\n" H "\r\n", "505 ", true },
	{ "GET /file/none HTTP/1.1\r\n" H "\r\n", "404 ", true },
	{ "GET /x HTTP/1.1\r\n" H "Content-Length: 70000\r\n\r\n", "413 ",
	  true },
	{ "GET /x HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc",
	  "</h1>/x</", false },
	{ "POST /body HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello",
	  "got 5", false },
	{ "PUT /body HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nhello",
	  "got 5", false },
	{ "PATCH /body HTTP/1.1\r\n" H "\r\n", "got 0", false },
	{ "POST /body HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
	  "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n",
	  "got 13", false },
	{ "POST /body HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
	  "zz\r\n", "400 ", true },
	{ "POST /body HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n", "got 0",
	  false },
	{ "GET /no HTTP/1.1\r\n" H "\r\n", NULL, true },
	{ "GET /file HTTP/1.1\r\n" H "\r\n", "200 OK", false },
	{ "GET /file/none HTTP/1.1\r\n" H "\r\n", "Connection: close\r\n", true },
	{ "POST /file HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc",
	  "Connection: close\r\n", true },
};

static void
test_requests_get_the_answer_they_deserve(void **state)
{
	struct flow_raw *r;
	struct flow f;
	size_t n;

	(void)state;
	begin(&f);
	for (n = 0; n < COUNT(rows); n++) {
		r = flow_raw(&f, 0);
		flow_raw_puts(&f, r, rows[n].request);
		if (rows[n].closes)
			FLOW_UNTIL(&f, r->eof || r->reset);
		else
			FLOW_UNTIL(&f, flow_raw_has(r, "\r\n\r\n"));
		flow_idle(&f, 2);
		if (rows[n].want && !flow_raw_has(r, rows[n].want))
			fail_msg("%s\n%s", rows[n].request, (char *)r->in.p);
		if (!rows[n].want)
			assert_int_equal(r->in.len, 0);
		if (!rows[n].closes) {
			assert_false(r->eof);
			r->in.len = 0;
			flow_raw_puts(&f, r, "GET /again HTTP/1.1\r\n" H
				      "\r\n");
			FLOW_UNTIL(&f, flow_raw_has(r, "/again"));
		}
		flow_raw_forget(r);
	}
	flow_end(&f);
}

static void
test_byte_by_byte_it_is_the_same(void **state)
{
	struct flow_raw *r;
	struct flow f;
	size_t n, k;

	(void)state;
	begin(&f);
	for (n = 0; n < COUNT(rows); n++) {
		r = flow_raw(&f, 0);
		for (k = 0; rows[n].request[k]; k++) {
			flow_raw_send(&f, r, rows[n].request + k, 1);
			flow_turn(&f);
		}
		FLOW_UNTIL(&f, r->eof || r->reset || (rows[n].want &&
			   flow_raw_has(r, rows[n].want)));
		if (rows[n].want && !flow_raw_has(r, rows[n].want))
			fail_msg("%s\n%s", rows[n].request, (char *)r->in.p);
		flow_raw_forget(r);
	}
	flow_end(&f);
}

static void
test_heads_without_end_get_414_and_431(void **state)
{
	static char text[4096];
	struct flow_raw *r;
	struct flow f;
	const size_t most = 2 * LWS_MAX_HEAD_LEN / sizeof(text) + 8;
	size_t k;
	int n;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	begin(&f);
	for (n = 0; n < 2; n++) {
		r = flow_raw(&f, 0);
		flow_raw_puts(&f, r, n ? "GET /" : "GET / HTTP/1.1\r\nHost: h");
		for (k = 0; k < most && !r->eof && !r->reset; k++) {
			if (!n)
				flow_raw_puts(&f, r, "\r\nX: ");
			flow_raw_puts(&f, r, text);
			flow_turn(&f);
		}
		FLOW_UNTIL(&f, r->eof || r->reset);
		assert_true(flow_raw_has(r, n ? " 414 " : " 431 "));
	}
	flow_end(&f);
}

static void
test_head_is_get_without_the_body(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	set_file(1000);
	begin(&f);
	r = flow_raw(&f, 0);
	flow_raw_puts(&f, r, "HEAD /file HTTP/1.1\r\n" H "\r\n"
		      "HEAD /x HTTP/1.1\r\n" H "\r\n");
	FLOW_UNTIL(&f, flow_raw_times(r, "\r\n\r\n") == 2);
	flow_idle(&f, 5);
	assert_true(flow_raw_has(r, "Content-Length: 1000\r\n"));
	assert_true(flow_raw_has(r, "X-Other: yes\r\nX-More: too\r\n\r\n"));
	assert_memory_equal(r->in.p + r->in.len - 4, "\r\n\r\n", 4);
	assert_false(flow_raw_has(r, "<html>"));
	flow_end(&f);
}

/* The first byte behind @text, which must come behind @from. */
static const uint8_t *
behind(const struct flow_raw *r, const uint8_t *from, const char *text)
{
	const size_t len = strlen(text);

	while (from + len <= r->in.p + r->in.len && memcmp(from, text, len))
		from++;
	assert_true(from + len <= r->in.p + r->in.len);
	return from + len;
}

static void
test_a_pipeline_is_answered_in_order_one_at_a_time(void **state)
{
	struct flow_raw *r;
	struct flow f;
	const uint8_t *at;
	char want[32];
	int n;

	(void)state;
	set_file(100);
	begin(&f);
	r = flow_raw(&f, 0);
	for (n = 0; n < 30; n++) {
		snprintf(want, sizeof(want), "/%d", n);
		flow_raw_puts(&f, r, "GET ");
		flow_raw_puts(&f, r, n % 5 == 1 ? "/stream" : n % 5 == 2 ?
			      "/file" : want);
		flow_raw_puts(&f, r, " HTTP/1.1\r\n" H "\r\n");
		if (n % 5 == 3)
			flow_raw_puts(&f, r, "POST /body HTTP/1.1\r\n" H
				      "Content-Length: 4\r\n\r\nGET ");
	}
	FLOW_UNTIL(&f, flow_raw_has(r, "</h1>/29</"));
	assert_int_equal(flow_raw_times(r, "200 OK"), 36);
	assert_int_equal(flow_raw_times(r, "piece 99\n"), 6);
	assert_int_equal(flow_raw_times(r, "got 4"), 6);
	for (at = r->in.p, n = 0; n < 30; n += 5) {
		snprintf(want, sizeof(want), "</h1>/%d</", n);
		at = behind(r, at, want);
		at = behind(r, at, "piece 00\n");
	}
	assert_int_equal(flow_server(&f, 0)->count[LWS_CALLBACK_HTTP], 36);
	flow_end(&f);
}

static void
test_who_expects_100_gets_it_before_the_body_is_sent(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin(&f);
	r = flow_raw(&f, 0);
	flow_raw_puts(&f, r, "POST /body HTTP/1.1\r\n" H "Expect: 100-continue"
		      "\r\nContent-Length: 2\r\n\r\n");
	FLOW_UNTIL(&f, flow_raw_has(r, "\r\n\r\n"));
	assert_string_equal((char *)r->in.p, "HTTP/1.1 100 Continue\r\n\r\n");
	flow_raw_puts(&f, r, "ab");
	FLOW_UNTIL(&f, flow_raw_has(r, "got 2"));
	flow_end(&f);
}

static void
test_a_large_body_comes_in_pieces_and_whole(void **state)
{
	static char part[10000];
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;
	int n;

	(void)state;
	begin(&f);
	r = flow_raw(&f, 0);
	flow_raw_puts(&f, r, "POST /body HTTP/1.1\r\n" H
		      "Content-Length: 3000000\r\n\r\n");
	for (n = 0; n < 300; n++)
		flow_raw_send(&f, r, part, sizeof(part));
	FLOW_UNTIL(&f, flow_raw_has(r, "got 3000000"));
	s = flow_server(&f, 0);
	assert_true(s->count[LWS_CALLBACK_HTTP_BODY] *
		    (uint64_t)MAX_USER_RX_BUFFER >= 3000000);
	assert_int_equal(s->count[LWS_CALLBACK_HTTP_BODY_COMPLETION], 1);
	flow_end(&f);
}

/* ---- files ---- */

static const struct file {
	size_t len;
	int buffer;
	bool slow;
} files[] = {
	{ 0, 0, false }, { 1, 0, false }, { 16383, 0, false },
	{ 16384, 0, false }, { 16385, 0, false }, { 65536, 4096, false },
	{ 3 << 20, 0, false }, { 3 << 20, 4096, true },
};

static void
fetch(struct flow *f, struct flow_raw *r, const struct file *row)
{
	const uint8_t *body = NULL;
	size_t want;
	int k;

	r->in.len = 0;
	flow_raw_puts(f, r, "GET /file HTTP/1.1\r\n" H "\r\n");
	for (k = 0; row->slow && k < 20; k++) {
		r->deaf = k % 2;
		flow_turn(f);
	}
	r->deaf = false;
	FLOW_UNTIL(f, (body = (uint8_t *)strstr((char *)r->in.p,
						"\r\n\r\n")));
	want = (size_t)(body - r->in.p) + 4 + row->len;
	FLOW_UNTIL(f, r->in.len >= want);
	assert_int_equal(r->in.len, want);
	assert_memory_equal(r->in.p + want - row->len, file_data, row->len);
}

static void
test_files_of_any_size_reach_readers_of_any_speed(void **state)
{
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;
	size_t n;
	int round;

	(void)state;
	begin(&f);
	for (n = 0; n < COUNT(files); n++) {
		set_file(files[n].len);
		r = flow_raw(&f, files[n].buffer);
		for (round = 0; round < 2; round++)
			fetch(&f, r, &files[n]);
		s = flow_server(&f, (unsigned)n);
		FLOW_UNTIL(&f, s->count[
				LWS_CALLBACK_HTTP_FILE_COMPLETION] == 2);
		flow_raw_forget(r);
	}
	flow_end(&f);
}

static void
test_a_file_that_is_being_sent_costs_little_memory(void **state)
{
	struct flow_raw *r[8];
	struct flow f;
	size_t before;
	int n;

	(void)state;
	set_file(3 << 20);
	begin(&f);
	for (n = 0; n < 8; n++) {
		r[n] = flow_raw(&f, 4096);
		r[n]->deaf = true;
	}
	FLOW_UNTIL(&f, flow_server(&f, 7));
	before = flow_memory();
	for (n = 0; n < 8; n++)
		flow_raw_puts(&f, r[n], "GET /file HTTP/1.1\r\n" H "\r\n");
	flow_idle(&f, 50);
	assert_true(flow_memory() - before <
		    8 * (100000 + (size_t)LWS_INITIAL_HDR_ALLOC) + 1100000);
	for (n = 0; n < 4; n++)
		flow_raw_reset(r[n]);
	for (n = 0; n < 4; n++)
		FLOW_UNTIL(&f, flow_over(flow_server(&f, (unsigned)n)));
	for (n = 4; n < 8; n++) {
		r[n]->deaf = false;
		FLOW_UNTIL(&f, r[n]->in.len > 3 << 20);
	}
	flow_end(&f);
}

static int
serve_and_close(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
		void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_HTTP) {
		flow_write(c, file_data, file_len, LWS_WRITE_HTTP);
		return 1;
	}
	return 0;
}

static void
test_what_was_written_before_closing_arrives(void **state)
{
	struct flow_raw *r;
	struct flow f;
	int n;

	(void)state;
	set_file(5 << 20);
	flow_begin(&f);
	f.hook = serve_and_close;
	flow_open(&f);
	for (n = 0; n < 2; n++) {
		r = flow_raw(&f, n ? 4096 : 0);
		flow_raw_puts(&f, r, "GET / HTTP/1.1\r\n" H "\r\n");
		FLOW_UNTIL(&f, r->eof || r->reset);
		assert_false(r->reset);
		assert_int_equal(r->in.len, file_len);
		assert_memory_equal(r->in.p, file_data, file_len);
		assert_true(flow_over(flow_server(&f, (unsigned)n)));
	}
	flow_end(&f);
}

static void
test_who_has_said_all_it_wants_still_gets_its_answer(void **state)
{
	static const char *const paths[] = { "/x", "/stream", "/file" };
	struct flow_raw *r;
	char line[64];
	struct flow f;
	size_t n;

	(void)state;
	set_file(1 << 20);
	begin(&f);
	for (n = 0; n < COUNT(paths); n++) {
		r = flow_raw(&f, 0);
		snprintf(line, sizeof(line), "GET %s HTTP/1.1\r\n" H "\r\n",
			 paths[n]);
		flow_raw_puts(&f, r, line);
		flow_raw_finish(r);
		FLOW_UNTIL(&f, r->eof || r->reset);
		assert_true(flow_raw_has(r, "200 OK"));
		assert_true(r->in.len > (n == 2 ? 1u << 20 : 100));
	}
	flow_end(&f);
}

/* ---- builders ---- */

static int
cramped(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	void *in, size_t len)
{
	struct libwebsocket_context *ctx = c->side->context;
	unsigned char buf[64], *p;
	size_t room;

	(void)in;
	(void)len;
	if (reason != LWS_CALLBACK_HTTP)
		return 0;
	for (room = 0; room < sizeof(buf); room++) {
		memset(buf, '#', sizeof(buf));
		p = buf;
		if (!lws_add_http_header_status(ctx, c->wsi, 404, &p,
						buf + room))
			assert_memory_equal(buf, "HTTP/1.1 404 Not Found\r\n",
					    24);
		if (!lws_add_http_header_by_name(
				ctx, c->wsi, (const unsigned char *)"a:",
				(const unsigned char *)"bcd", 3, &p,
				buf + room))
			assert_memory_equal(p - 8, "a: bcd\r\n", 8);
		lws_add_http_header_by_token(
			ctx, c->wsi, WSI_TOKEN_HOST,
			(const unsigned char *)"h", 1, &p, buf + room);
		lws_add_http_header_content_length(ctx, c->wsi, 7, &p,
						   buf + room);
		lws_finalize_http_header(ctx, c->wsi, &p, buf + room);
		assert_true(p <= buf + room);
		assert_int_equal(buf[room], '#');
	}
	c->n = 1;
	return -1;
}

static void
test_builders_never_pass_the_end(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.hook = cramped;
	flow_open(&f);
	r = flow_raw(&f, 0);
	flow_raw_puts(&f, r, "GET / HTTP/1.1\r\n" H "\r\n");
	FLOW_UNTIL(&f, r->eof || r->reset);
	assert_int_equal(flow_server(&f, 0)->n, 1);
	flow_end(&f);
}

static int
make_file(void **state)
{
	int fd = mkstemp(file_path);

	(void)state;
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int
remove_file(void **state)
{
	(void)state;
	free(file_data);
	return unlink(file_path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests_get_the_answer_they_deserve),
		cmocka_unit_test(test_byte_by_byte_it_is_the_same),
		cmocka_unit_test(test_heads_without_end_get_414_and_431),
		cmocka_unit_test(test_head_is_get_without_the_body),
		cmocka_unit_test(
			test_a_pipeline_is_answered_in_order_one_at_a_time),
		cmocka_unit_test(
			test_who_expects_100_gets_it_before_the_body_is_sent),
		cmocka_unit_test(test_a_large_body_comes_in_pieces_and_whole),
		cmocka_unit_test(
			test_files_of_any_size_reach_readers_of_any_speed),
		cmocka_unit_test(
			test_a_file_that_is_being_sent_costs_little_memory),
		cmocka_unit_test(test_what_was_written_before_closing_arrives),
		cmocka_unit_test(
			test_who_has_said_all_it_wants_still_gets_its_answer),
		cmocka_unit_test(test_builders_never_pass_the_end),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
