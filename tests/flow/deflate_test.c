/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of compressed conversations: the library on both sides with all that
 * can be agreed on, in every version, and strangers who look at the wire.
 */
#include "flow/zip.h"

#include "base/limits.h"
#include "core/context.h"
#include "ext/pool-zip.h"
#include "ws/wire.h"

#define FIELD "Sec-WebSocket-Extensions: "

/* ---- what is said ---- */

#define MESSAGES_MAX 16
#define FRAGMENT     (LWS_WRITE_CONTINUATION | LWS_WRITE_NO_FIN)
#define LAST	     LWS_WRITE_CONTINUATION

/* one call of libwebsocket_write() */
struct saying {
	size_t len;
	int kind;
	bool noise;	/* random bytes, which do not deflate */
};

static const struct saying little[] = {
	{ 0, LWS_WRITE_TEXT, false },
	{ 1, LWS_WRITE_BINARY, true },
	{ 31, LWS_WRITE_TEXT, false },
	{ 32, LWS_WRITE_TEXT, false },
	{ 1000, LWS_WRITE_BINARY, false },
	{ 1000, LWS_WRITE_BINARY, true },
	{ 500, LWS_WRITE_TEXT | LWS_WRITE_NO_COMPRESS, false },
	{ 300, LWS_WRITE_TEXT | LWS_WRITE_NO_FIN, false },
	{ 0, FRAGMENT, false },
	{ 700, LAST, false },
	{ 40, LWS_WRITE_BINARY | LWS_WRITE_NO_FIN | LWS_WRITE_NO_COMPRESS,
	  false },
	{ 40, LAST, false },
	{ 0, LWS_WRITE_TEXT | LWS_WRITE_NO_FIN, false },
	{ 0, LAST, false },
	{ 1000, LWS_WRITE_TEXT, false },
};

static const struct saying much[] = {
	{ 1000, LWS_WRITE_TEXT, false },
	{ 16383, LWS_WRITE_TEXT, false },
	{ 16384, LWS_WRITE_BINARY, true },
	{ 16385, LWS_WRITE_BINARY, true },
	{ 4096, LWS_WRITE_TEXT | LWS_WRITE_NO_FIN, false },
	{ 16384, FRAGMENT, false },
	{ 8192, LAST, false },
	{ 16384, LWS_WRITE_BINARY, false },
	{ 16385, LWS_WRITE_TEXT, false },
	{ 100000, LWS_WRITE_TEXT, false },
	{ 100000, LWS_WRITE_BINARY | LWS_WRITE_NO_FIN, true },
	{ 0, LAST, false },
	{ 20000, LWS_WRITE_TEXT | LWS_WRITE_NO_COMPRESS, false },
};

static const struct saying most[] = {
	{ 1000000, LWS_WRITE_TEXT, false },
	{ 1000000, LWS_WRITE_BINARY, true },
};

/* all of it, as bytes */
struct talk {
	const struct saying *says;
	size_t count;
	struct flow_bytes all;
	size_t ends[MESSAGES_MAX];	/* of messages, in them */
	bool binary[MESSAGES_MAX];
	unsigned messages;
};

static void
make(struct flow_bytes *to, const struct saying *s)
{
	static uint32_t seed = 1;
	uint8_t byte;
	size_t n;

	for (n = 0; n < s->len; n++) {
		seed = seed * 1664525 + 1013904223;
		byte = s->noise ? (uint8_t)(seed >> 24)
				: (uint8_t)('a' + (n * 7 + (n >> 9)) % 26);
		flow_add(to, &byte, 1);
	}
}

static void
prepare(struct talk *t, const struct saying *says, size_t count)
{
	bool begins = true;
	size_t n;

	memset(t, 0, sizeof(*t));
	t->says = says;
	t->count = count;
	for (n = 0; n < count; n++) {
		if (begins)
			t->binary[t->messages] = (says[n].kind & 3) ==
						 LWS_WRITE_BINARY;
		make(&t->all, &says[n]);
		begins = !(says[n].kind & LWS_WRITE_NO_FIN);
		if (begins)
			t->ends[t->messages++] = t->all.len;
	}
}

static void
say(struct flow_conn *c, const struct talk *t)
{
	size_t n, at = 0;

	for (n = 0; n < t->count; n++) {
		assert_int_equal(flow_write(c, t->all.p + at, t->says[n].len,
					    t->says[n].kind),
				 (int)t->says[n].len);
		at += t->says[n].len;
	}
}

/* Chunks of @t where each writing is one frame, as those of a few KiB are. */
static unsigned
count_chunks(const struct talk *t, size_t size)
{
	unsigned chunks = 0;
	size_t n;

	for (n = 0; n < t->count; n++)
		chunks += t->says[n].len <= size ? 1 :
			  (unsigned)((t->says[n].len + size - 1) / size);
	return chunks;
}

/* ---- what is heard ---- */

struct ear {
	const struct talk *talk;
	size_t at;		/* in all of it */
	size_t size;		/* of whole chunks */
	unsigned message, chunks;
	bool within;		/* a frame that is not over */
	unsigned stop_every;	/* chunks */
	bool stopped;
	int pause;
};

/* each chunk is a message */
static bool whole;

static bool
is_receive(unsigned reason)
{
	return reason == LWS_CALLBACK_RECEIVE ||
	       reason == LWS_CALLBACK_CLIENT_RECEIVE;
}

static void
hear_chunk(struct flow_conn *c, struct ear *e, const void *in, size_t len)
{
	const struct talk *t = e->talk;
	const size_t rest = libwebsockets_remaining_packet_payload(c->wsi);

	assert_false(e->stopped);
	assert_true(len <= e->size);
	if (rest)
		assert_int_equal(len, e->size);
	/* nothing comes behind a chunk that was not the last but bytes */
	if (e->within)
		assert_int_not_equal(len, 0);
	assert_true(e->message < t->messages);
	assert_true(len <= t->ends[e->message] - e->at);
	if (len)
		assert_memory_equal(in, t->all.p + e->at, len);
	assert_int_equal(lws_frame_is_binary(c->wsi), t->binary[e->message]);
	e->at += len;
	e->chunks++;
	if (whole)
		assert_int_equal(e->at, t->ends[e->message]);
	e->within = rest;
	if (!rest && libwebsocket_is_final_fragment(c->wsi))
		assert_int_equal(e->at, t->ends[e->message++]);
}

static int
hear(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
     size_t len)
{
	struct ear *e = c->data;

	if (!is_receive((unsigned)reason))
		return 0;
	assert_non_null(e);
	hear_chunk(c, e, in, len);
	if (e->stop_every && e->chunks % e->stop_every == 0) {
		libwebsocket_rx_flow_control(c->wsi, 0);
		e->stopped = true;
		e->pause = 0;
	}
	return 0;
}

static void
listen_to(struct flow_conn *c, struct ear *e, const struct talk *t)
{
	const struct libwebsocket_protocols *p = &c->side->protocols[1];
	const size_t size = p->max_message_size ? p->max_message_size
						: p->rx_buffer_size;
	unsigned stop_every = e->stop_every;

	memset(e, 0, sizeof(*e));
	e->talk = t;
	e->size = size ? size : MAX_USER_RX_BUFFER;
	e->stop_every = stop_every;
	c->data = e;
}

/* Who has stopped goes on after a while. */
static bool
has_heard(struct flow_conn *c)
{
	struct ear *e = c->data;

	if (e->stopped && ++e->pause > 3) {
		e->stopped = false;
		libwebsocket_rx_flow_control(c->wsi, 1);
	}
	return e->message == e->talk->messages && !e->stopped;
}

/* Both are asked, however the first answers. */
static bool
have_heard(struct flow_conn *s, struct flow_conn *c)
{
	const bool server = has_heard(s), client = has_heard(c);

	return server && client;
}

static void
converse(struct flow *f, struct flow_conn *s, struct flow_conn *c,
	 const struct talk *t, unsigned stop_every)
{
	struct ear at_server = { .stop_every = stop_every };
	struct ear at_client = { .stop_every = stop_every };

	listen_to(s, &at_server, t);
	listen_to(c, &at_client, t);
	say(c, t);
	say(s, t);
	FLOW_UNTIL(f, have_heard(s, c));
	assert_int_equal(at_server.at, t->all.len);
	assert_int_equal(at_client.at, t->all.len);
	if (t->says == little) {
		assert_int_equal(at_server.chunks,
				 count_chunks(t, at_server.size));
		assert_int_equal(at_client.chunks,
				 count_chunks(t, at_client.size));
	}
	s->data = c->data = NULL;
}

/* ---- setting up ---- */

/* what the server has answered, as the client has seen it */
static char answer[512];

/* the only one that the client offers, or NULL */
static const char *only;

static int
app(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
    size_t len)
{
	if (reason == LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED && only)
		return strcmp(in, only) != 0;
	if (reason == LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH) {
		answer[0] = '\0';
		lws_hdr_copy(c->wsi, answer, sizeof(answer),
			     WSI_TOKEN_EXTENSIONS);
	}
	return hear(c, reason, in, len);
}

static void
begin(struct flow *f)
{
	unsigned n;

	flow_begin(f);
	f->hook = app;
	f->quiet = true;
	f->hasty = true;
	only = NULL;
	for (n = 0; n < 2; n++)
		f->side[n].info.extensions =
			libwebsocket_get_internal_extensions();
}

static void
begin_open(struct flow *f)
{
	begin(f);
	flow_open(f);
	flow_open_second(f);
}

/* ---- everything that can be agreed on ---- */

static const unsigned flags[] = {
	0,
	LWS_DEFLATE_KEEP,
	LWS_DEFLATE_RESET,
	LWS_DEFLATE_PEER_RESET,
	LWS_DEFLATE_KEEP | LWS_DEFLATE_PEER_RESET,
	LWS_DEFLATE_RESET | LWS_DEFLATE_PEER_RESET,
};

#define COMBINATIONS (COUNT(flags) * 4)

/* The @n-th; @k chooses among what has no influence on the others. */
static struct lws_deflate_options
combination(size_t n, size_t k)
{
	static const size_t min_sizes[] = { 0, 1, 1000, 1000000 };
	static const int levels[] = { 0, 1, 6, 9 };
	struct lws_deflate_options o = { 0 };

	o.flags = flags[n / 4];
	o.window_bits = n & 1 ? 9 : 0;
	o.peer_window_bits = n & 2 ? 10 : 0;
	o.level = levels[k % 4];
	o.mem_level = k % 3 ? (int)(k % 9 + 1) : 0;
	o.min_size = min_sizes[k / 4 % 4];
	return o;
}

static void
expect_flag(const char *name, bool there)
{
	assert_int_equal(strstr(answer, name) != NULL, there);
}

static void
expect_bits(const char *name, int bits)
{
	const char *at = strstr(answer, name);

	assert_int_equal(at ? atoi(at + strlen(name) + 1) : 15, bits);
}

static int
bits(int option)
{
	return option ? option : 15;
}

/* RFC 7692 section 7.1, from the options alone */
static void
check_answer(const struct lws_deflate_options *s,
	     const struct lws_deflate_options *c)
{
	const int asked = bits(c->peer_window_bits);
	const int ours = bits(s->window_bits);

	assert_int_equal(strncmp(answer, "permessage-deflate", 18), 0);
	expect_flag("server_no_context_takeover",
		    !(s->flags & LWS_DEFLATE_KEEP) ||
		    c->flags & LWS_DEFLATE_PEER_RESET);
	expect_flag("client_no_context_takeover",
		    s->flags & LWS_DEFLATE_PEER_RESET ||
		    c->flags & LWS_DEFLATE_RESET);
	expect_bits("server_max_window_bits", asked < ours ? asked : ours);
	expect_bits("client_max_window_bits", bits(s->peer_window_bits));
}

static void
test_all_that_can_be_agreed_on_works_both_ways(void **state)
{
	static const size_t sizes[] = { 0, 7, 1, 100, 4096 };
	const size_t step = flow_is_slow() ? 29 : 1;
	struct lws_deflate_options *o[2];
	struct flow_conn *s, *c;
	struct talk t;
	struct flow f;
	size_t n;

	(void)state;
	prepare(&t, little, COUNT(little));
	for (n = 0; n < COMBINATIONS * COMBINATIONS; n += step) {
		begin(&f);
		o[0] = &f.side[0].info.deflate;
		o[1] = &f.side[1].info.deflate;
		*o[0] = combination(n / COMBINATIONS, n);
		*o[1] = combination(n % COMBINATIONS, n / 3);
		f.side[0].protocols[1].rx_buffer_size = sizes[n % 5];
		f.side[1].protocols[1].rx_buffer_size = sizes[n / 5 % 5];
		flow_open(&f);
		flow_open_second(&f);
		flow_pair(&f, &s, &c);
		check_answer(o[0], o[1]);
		converse(&f, s, c, &t, n % 2 ? 1 + (unsigned)n % 5 : 0);
		flow_end(&f);
	}
	flow_free(&t.all);
}

static void
talk_at_length(const struct talk *t, const struct lws_deflate_options *o,
	       size_t size, unsigned stop_every)
{
	struct flow_conn *s, *c;
	struct flow f;

	begin(&f);
	f.side[0].info.deflate = f.side[1].info.deflate = *o;
	f.side[0].protocols[1].rx_buffer_size = size;
	f.side[1].protocols[1].rx_buffer_size = size;
	flow_open(&f);
	flow_open_second(&f);
	flow_pair(&f, &s, &c);
	converse(&f, s, c, t, stop_every);
	flow_end(&f);
}

static const struct lws_deflate_options some[] = {
	{ 0, 0, 0, 0, 0, 0 },
	{ 9, 9, 0, 0, LWS_DEFLATE_KEEP, 0 },
	{ 1, 1, 9, 9, LWS_DEFLATE_RESET | LWS_DEFLATE_PEER_RESET, 0 },
};

static void
test_messages_of_every_size_come_in_whole_chunks(void **state)
{
	static const size_t sizes[] = { 1, 7, 4096, 0, 16384, 200000 };
	struct talk t;
	size_t n, k;

	(void)state;
	prepare(&t, much, COUNT(much));
	for (n = 0; n < COUNT(some); n++)
		for (k = flow_is_slow(); k < COUNT(sizes); k++)
			talk_at_length(&t, &some[n], sizes[k], 0);
	flow_free(&t.all);
}

static void
test_who_stops_in_the_middle_loses_nothing(void **state)
{
	static const struct {
		size_t size;
		unsigned stop_every;
	} ways[] = {
		{ 1, 10007 }, { 7, 1009 }, { 4096, 1 }, { 0, 3 }, { 16384, 1 },
	};
	struct talk t;
	size_t n, k;

	(void)state;
	prepare(&t, much, COUNT(much));
	for (n = 0; n < COUNT(some); n++)
		for (k = flow_is_slow(); k < COUNT(ways); k++)
			talk_at_length(&t, &some[n], ways[k].size,
				       ways[k].stop_every);
	flow_free(&t.all);
}

static void
test_a_million_bytes_come_through(void **state)
{
	struct talk t;

	(void)state;
	prepare(&t, most, COUNT(most));
	talk_at_length(&t, &some[0], 0, 0);
	talk_at_length(&t, &some[0], 4096, 7);
	talk_at_length(&t, &some[1], 65536, 0);
	if (!flow_is_slow())
		talk_at_length(&t, &some[2], 1, 100003);
	flow_free(&t.all);
}

static void
test_in_a_foreign_loop_it_is_the_same(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	struct talk t;
	size_t n;

	(void)state;
	prepare(&t, much, COUNT(much));
	for (n = 0; n < COUNT(some); n++) {
		begin(&f);
		f.side[0].external = f.side[1].external = true;
		f.side[0].info.deflate = f.side[1].info.deflate = some[n];
		flow_open(&f);
		flow_open_second(&f);
		flow_pair(&f, &s, &c);
		converse(&f, s, c, &t, 0);
		converse(&f, s, c, &t, 3);
		flow_end(&f);
	}
	flow_free(&t.all);
}

/* ---- the three of them, in the versions ---- */

static const int versions[] = { 13, 8, 7, 6, 5, 4 };

static const char *const names[] = {
	"permessage-deflate", "deflate-frame", "deflate-stream",
};

/* Is it built in? */
static bool
has(const char *name)
{
	const struct libwebsocket_extension *e;

	for (e = libwebsocket_get_internal_extensions(); e->callback; e++)
		if (!strcmp(e->name, name))
			return true;
	return false;
}

static void
in_version(int version, const char *name, const struct talk *t, size_t size)
{
	struct flow_conn *s, *c;
	struct flow f;

	begin(&f);
	f.version = version;
	f.side[0].protocols[1].rx_buffer_size = size;
	f.side[1].protocols[1].rx_buffer_size = size;
	flow_open(&f);
	flow_open_second(&f);
	only = name;
	flow_pair(&f, &s, &c);
	if (name)
		assert_int_equal(strncmp(answer, name, strlen(name)), 0);
	else
		assert_string_equal(answer, "");
	converse(&f, s, c, t, 0);
	converse(&f, s, c, t, 2);
	libwebsocket_close_and_free_session(f.side[1].context, c->wsi,
					    LWS_CLOSE_STATUS_NORMAL);
	FLOW_UNTIL(&f, flow_over(s) && flow_over(c));
	flow_end(&f);
}

static void
test_each_deflate_works_in_each_version(void **state)
{
	struct talk t, longer;
	size_t v, n;

	(void)state;
	prepare(&t, little, COUNT(little));
	prepare(&longer, much, COUNT(much));
	for (v = 0; v < COUNT(versions); v++)
		for (n = 0; n < COUNT(names); n++) {
			if (!lws_wire_find(versions[v]) || !has(names[n]))
				continue;
			in_version(versions[v], names[n], &t, 0);
			in_version(versions[v], names[n], &t, 7);
			in_version(versions[v], names[n], &longer, 4096);
		}
	flow_free(&t.all);
	flow_free(&longer.all);
}

static void
test_whole_messages_come_at_once(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	struct talk t;
	size_t n, at;
	unsigned k;

	(void)state;
	prepare(&t, much, COUNT(much));
	for (n = 0; n < COUNT(names); n++) {
		if (!has(names[n]))
			continue;
		begin(&f);
		f.side[0].protocols[1].max_message_size = 100000;
		f.side[1].protocols[1].max_message_size = 100000;
		flow_open(&f);
		flow_open_second(&f);
		only = names[n];
		flow_pair(&f, &s, &c);
		whole = true;
		for (k = 0; k < 2; k++)
			converse(&f, s, c, &t, k);
		whole = false;
		flow_end(&f);
	}
	for (n = at = 0; n < t.messages; at = t.ends[n++])
		assert_true(t.ends[n] - at <= 100000);
	flow_free(&t.all);
}

static void
test_version_76_offers_none(void **state)
{
	static const int old[] = { 0, 76 };
	struct flow_raw *l, *r;
	struct flow f;
	struct talk t;
	size_t n;
	int port;

	(void)state;
	if (!lws_wire_find(76))
		skip();
	begin(&f);
	flow_open(&f);
	l = flow_raw_listen(&f, &port);
	for (n = 0; n < COUNT(old); n++) {
		f.version = old[n];
		assert_non_null(flow_connect_to(&f, 0, port, "second", NULL));
		r = flow_raw_accept(&f, l);
		FLOW_UNTIL(&f, flow_raw_has(r, "\r\n\r\n"));
		assert_true(flow_raw_has(r, "Sec-WebSocket-Key1"));
		assert_false(flow_raw_has(r, "Sec-WebSocket-Extensions"));
	}
	flow_end(&f);
	/* it has no binary messages either */
	prepare(&t, little + 2, 2);
	in_version(76, NULL, &t, 0);
	flow_free(&t.all);
}

/* Says no to what the server of flow @c->flow is offered first. */
static int
veto(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
     size_t len)
{
	if (reason == LWS_CALLBACK_CONFIRM_EXTENSION_OKAY)
		return strcmp(in, c->flow->userdata) != 0;
	return app(c, reason, in, len);
}

static void
test_a_server_that_vetoes_takes_the_next(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	struct talk t;
	size_t n;

	(void)state;
	prepare(&t, little, COUNT(little));
	for (n = 0; n <= COUNT(names); n++) {
		const char *name = n < COUNT(names) ? names[n] : "nothing";

		begin_open(&f);
		f.hook = veto;
		c = flow_connect(&f, 1, "second");
		f.userdata = (void *)(uintptr_t)name;
		FLOW_UNTIL(&f, c->count[LWS_CALLBACK_CLIENT_ESTABLISHED]);
		f.userdata = NULL;
		s = flow_server(&f, 0);
		if (has(name))
			assert_int_equal(strncmp(answer, name, strlen(name)),
					 0);
		else
			assert_string_equal(answer, "");
		converse(&f, s, c, &t, 0);
		flow_end(&f);
	}
	flow_free(&t.all);
}

static void
test_an_array_of_one_is_all_that_is_offered(void **state)
{
	struct libwebsocket_extension *e =
		libwebsocket_get_internal_extensions();

	(void)state;
	for (; e->callback; e++) {
		struct libwebsocket_extension one[2] = { *e, { 0 } };
		const bool offered = strcmp(e->name, "x-webkit-deflate-frame");
		struct flow_conn *s, *c;
		struct flow f;

		begin(&f);
		f.side[1].info.extensions = one;
		flow_open(&f);
		flow_open_second(&f);
		flow_pair(&f, &s, &c);
		assert_int_equal(!strncmp(answer, e->name, strlen(e->name)),
				 offered);
		assert_int_equal(strlen(answer) != 0, offered);
		flow_end(&f);
	}
}

/* ---- what is on the wire ---- */

/* A stranger who has agreed on what @offer says; the answer is left there. */
static struct flow_raw *
raw_offering(struct flow *f, const char *offer)
{
	struct flow_raw *r = flow_raw(f, 0);
	char field[256];

	snprintf(field, sizeof(field), FIELD "%s\r\n", offer);
	flow_raw_ask(f, r, field);
	assert_true(flow_raw_has(r, "HTTP/1.1 101 "));
	return r;
}

static struct flow_raw *
raw_talking(struct flow *f, const char *offer)
{
	struct flow_raw *r = raw_offering(f, offer);

	assert_true(flow_raw_has(r, FIELD));
	r->in.len = 0;
	return r;
}

/* The last server connection. */
static struct flow_conn *
latest(const struct flow *f)
{
	unsigned n = 0;

	while (flow_server(f, n + 1))
		n++;
	return flow_server(f, n);
}

/* One unmasked frame off the front of what @r has read; its first byte. */
static int
take_frame(struct flow *f, struct flow_raw *r, struct flow_bytes *payload)
{
	size_t len, head = 2;
	int first;

	FLOW_UNTIL(f, r->in.len >= 2);
	first = r->in.p[0];
	len = r->in.p[1];
	if (len == 126) {
		head = 4;
		FLOW_UNTIL(f, r->in.len >= head);
		len = (size_t)(r->in.p[2] << 8 | r->in.p[3]);
	}
	assert_true(len < 127 || head == 4);
	FLOW_UNTIL(f, r->in.len >= head + len);
	flow_add(payload, r->in.p + head, len);
	r->in.len -= head + len;
	memmove(r->in.p, r->in.p + head + len, r->in.len);
	return first;
}

static void
test_what_is_not_worth_it_travels_as_it_is(void **state)
{
	static const uint8_t noise[] = "\x01\xf3\x37 0aB%qZ~\x02[k_.R8&w"
				       "\x9e\xd1\x05Lt;\x8a!\xc7m|Y\xe0\x13J";
	static const char text[] = "to be, or not to be, or not to be";
	struct flow_bytes got = { NULL, 0, 0 };
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin_open(&f);
	r = raw_talking(&f, "permessage-deflate");
	s = latest(&f);
	flow_write(s, text, 31, LWS_WRITE_TEXT);
	assert_int_equal(take_frame(&f, r, &got), 0x81);
	flow_write(s, noise, sizeof(noise), LWS_WRITE_BINARY);
	assert_int_equal(take_frame(&f, r, &got), 0x82);
	flow_write(s, text, 33, LWS_WRITE_TEXT | LWS_WRITE_NO_COMPRESS);
	assert_int_equal(take_frame(&f, r, &got), 0x81);
	assert_int_equal(got.len, 31 + sizeof(noise) + 33);
	assert_memory_equal(got.p + 31, noise, sizeof(noise));
	got.len = 0;
	flow_write(s, text, 33, LWS_WRITE_TEXT);
	assert_int_equal(take_frame(&f, r, &got), 0xc1);
	assert_true(got.len < 33);
	flow_free(&got);
	flow_end(&f);
}

static void
test_rsv1_is_on_the_first_frame_of_a_message_only(void **state)
{
	struct flow_bytes got = { NULL, 0, 0 }, plain = { NULL, 0, 0 };
	struct flow_conn *s;
	struct flow_zip z;
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin_open(&f);
	flow_zip_begin(&z, 15, 15);
	r = raw_talking(&f, "permessage-deflate");
	s = latest(&f);
	flow_write(s, "one, ", 5, LWS_WRITE_TEXT | LWS_WRITE_NO_FIN);
	flow_write(s, "ping", 4, LWS_WRITE_PING);
	flow_write(s, "two, ", 5, FRAGMENT);
	flow_write(s, "three", 5, LAST);
	assert_int_equal(take_frame(&f, r, &got), 0x41);
	assert_int_equal(take_frame(&f, r, &plain), 0x89);
	assert_memory_equal(plain.p, "ping", 4);
	plain.len = 0;
	assert_int_equal(take_frame(&f, r, &got), 0x00);
	assert_int_equal(take_frame(&f, r, &got), 0x80);
	assert_true(flow_inflate(&z, got.p, got.len, &plain));
	assert_int_equal(plain.len, 15);
	assert_memory_equal(plain.p, "one, two, three", 15);
	flow_zip_end(&z);
	flow_free(&got);
	flow_free(&plain);
	flow_end(&f);
}

/* Noise of 16 letters, again and again: only a large window sees it come. */
static void
make_far(struct flow_bytes *to)
{
	static const struct saying noise = { 3000, LWS_WRITE_BINARY, true };
	uint8_t copy[3000];
	size_t n;

	make(to, &noise);
	for (n = 0; n < to->len; n++)
		to->p[n] &= 0xf;
	memcpy(copy, to->p, sizeof(copy));
	for (n = 1; n < 4; n++)
		flow_add(to, copy, sizeof(copy));
}

/* All of a message off the front of what @r has read; its payload's bytes. */
static size_t
take_message(struct flow *f, struct flow_raw *r, struct flow_zip *z,
	     struct flow_bytes *plain)
{
	struct flow_bytes got = { NULL, 0, 0 };
	size_t len = 0, fits = 1;
	int first;

	do {
		got.len = 0;
		first = take_frame(f, r, &got);
		len += got.len;
		if (fits && first & 0x40)
			fits = flow_inflate(z, got.p, got.len, plain);
		else
			flow_add(plain, got.p, got.len);
	} while (!(first & 0x80));
	flow_free(&got);
	return fits ? len : 0;
}

/* What comes over the wire, 0 when that needs more than 2^@window bytes. */
static size_t
in_window(const char *offer, int window)
{
	struct flow_bytes plain = { NULL, 0, 0 }, far = { NULL, 0, 0 };
	struct flow_zip z;
	struct flow_raw *r;
	struct flow f;
	size_t len;

	begin_open(&f);
	flow_zip_begin(&z, 15, window);
	make_far(&far);
	r = raw_talking(&f, offer);
	assert_int_equal(flow_write(latest(&f), far.p, far.len,
				    LWS_WRITE_BINARY), (int)far.len);
	len = take_message(&f, r, &z, &plain);
	if (len) {
		assert_int_equal(plain.len, far.len);
		assert_memory_equal(plain.p, far.p, far.len);
	}
	flow_zip_end(&z);
	flow_free(&plain);
	flow_free(&far);
	flow_end(&f);
	return len;
}

static void
test_a_server_keeps_to_the_window_it_is_asked_for(void **state)
{
	(void)state;
	assert_true(in_window("permessage-deflate; server_max_window_bits=9",
			      9) > 5000);
	assert_true(in_window("deflate-frame; max_window_bits=9", 9) > 5000);
	assert_true(in_window("permessage-deflate; server_max_window_bits=8",
			      8) > 5000);
	/* whoever is not asked uses more, which this way of looking shows */
	assert_in_range(in_window("permessage-deflate", 15), 1, 4000);
	assert_in_range(in_window("deflate-frame", 15), 1, 4000);
	assert_int_equal(in_window("permessage-deflate", 9), 0);
}

/* ---- strangers who send ---- */

static void
speak(struct flow *f, struct flow_raw *r, struct flow_zip *z,
      const struct talk *t, size_t slice)
{
	struct flow_bytes got = { NULL, 0, 0 };
	size_t at = 0, n, k;

	for (n = 0; n < t->messages; n++) {
		int first = t->binary[n] ? 0x42 : 0x41;

		got.len = 0;
		flow_deflate(z, t->all.p + at, t->ends[n] - at, &got);
		at = t->ends[n];
		/* nothing to flush after nothing: zlib makes none of it */
		for (k = 0; k + slice < got.len; k += slice, first = 0)
			flow_raw_frame(f, r, first, got.p + k, slice);
		flow_raw_frame(f, r, first | 0x80, got.p + k, got.len - k);
	}
	flow_free(&got);
}

static void
test_a_stranger_may_cut_a_message_anywhere(void **state)
{
	static const struct saying says[] = {
		{ 1, LWS_WRITE_TEXT, false },
		{ 5000, LWS_WRITE_TEXT, false },
		{ 5000, LWS_WRITE_BINARY, true },
		{ 5000, LWS_WRITE_TEXT, false },
		{ 40000, LWS_WRITE_TEXT, false },
	};
	static const size_t slices[] = { 1, 2, 3, 100, 1000, 100000 };
	struct ear e = { .stop_every = 0 };
	struct flow_zip z;
	struct flow_raw *r;
	struct flow f;
	struct talk t;
	size_t n;

	(void)state;
	prepare(&t, says, COUNT(says));
	begin(&f);
	f.side[0].protocols[1].rx_buffer_size = 1000;
	flow_open(&f);
	for (n = 0; n < COUNT(slices); n++) {
		flow_zip_begin(&z, 15, 15);
		r = raw_talking(&f, "permessage-deflate");
		e.stop_every = (unsigned)n;
		listen_to(latest(&f), &e, &t);
		speak(&f, r, &z, &t, slices[n]);
		FLOW_UNTIL(&f, has_heard(latest(&f)));
		flow_zip_end(&z);
	}
	flow_free(&t.all);
	flow_end(&f);
}

/* A stranger sends all of @t, says goodbye, and is not waited for. */
static struct flow_conn *
send_and_leave(struct flow *f, const char *extension, const struct talk *t,
	       struct ear *e)
{
	struct flow_raw *r = raw_talking(f, extension);
	struct flow_conn *s = latest(f);
	struct flow_zip z;

	flow_zip_begin(&z, 15, 15);
	e->stop_every = 1;
	listen_to(s, e, t);
	speak(f, r, &z, t, t->all.len);
	flow_raw_frame(f, r, 0x88, "\x03\xe8", 2);
	flow_raw_close(r);
	flow_zip_end(&z);
	return s;
}

static const struct saying leaving = { 50000, LWS_WRITE_TEXT, false };

static void
test_held_output_outlives_who_has_sent_it(void **state)
{
	struct flow_conn *s;
	struct flow f;
	struct talk t;
	struct ear e;
	size_t n;

	(void)state;
	prepare(&t, &leaving, 1);
	begin(&f);
	flow_open(&f);
	for (n = 0; n < 2; n++) {
		s = send_and_leave(&f, names[n], &t, &e);
		FLOW_UNTIL(&f, has_heard(s) || flow_over(s));
		assert_int_equal(e.at, t.all.len);
		FLOW_UNTIL(&f, flow_over(s));
	}
	flow_free(&t.all);
	flow_end(&f);
}

static void
test_held_output_ends_with_its_connection(void **state)
{
	struct flow_conn *s;
	struct flow f;
	struct talk t;
	struct ear e;
	size_t n;

	(void)state;
	if ((size_t)MAX_USER_RX_BUFFER >= leaving.len) {
		print_message("all of it comes in one piece\n");
		skip();
	}
	prepare(&t, &leaving, 1);
	begin(&f);
	flow_open(&f);
	for (n = 0; n < 4; n++) {
		s = send_and_leave(&f, names[n % 2], &t, &e);
		FLOW_UNTIL(&f, e.stopped);
		assert_true(e.at < t.all.len);
		if (n > 1)
			continue;
		libwebsocket_close_and_free_session(f.side[0].context, s->wsi,
						    LWS_CLOSE_STATUS_NORMAL);
		FLOW_UNTIL(&f, flow_over(s));
	}
	/* and with the context */
	flow_free(&t.all);
	flow_end(&f);
}

/* ---- input given amid a callback ---- */

static struct flow_conn *given;
static struct flow_bytes gift;

/* While one is told something, the other is given all of his. */
static int
give(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
     size_t len)
{
	struct flow_conn *to = given;

	if (is_receive((unsigned)reason) && to && c != to) {
		given = NULL;
		assert_int_equal(libwebsocket_read(to->side->context, to->wsi,
						   gift.p, gift.len),
				 0);
	}
	return app(c, reason, in, len);
}

/* Have @z deflate @t to frames, masked with zeros. */
static void
wrap(struct flow_zip *z, const struct talk *t, struct flow_bytes *to)
{
	const uint8_t mask[4] = { 0 };
	struct flow_bytes got = { NULL, 0, 0 };
	uint8_t head[4] = { 0xc1, 0xfe };

	flow_deflate(z, t->all.p, t->all.len, &got);
	assert_true(got.len > 125 && got.len < 65536);
	head[2] = (uint8_t)(got.len >> 8);
	head[3] = (uint8_t)got.len;
	flow_add(to, head, sizeof(head));
	flow_add(to, mask, sizeof(mask));
	flow_add(to, got.p, got.len);
	flow_free(&got);
}

static void
test_who_is_given_input_amid_a_message_does_not_spoil_it(void **state)
{
	static const struct saying one = { 40000, LWS_WRITE_TEXT, false };
	static const struct saying other = { 30001, LWS_WRITE_TEXT, false };
	struct ear e[2] = { { .stop_every = 0 } };
	struct flow_zip z[2];
	struct talk t[2];
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;

	(void)state;
	prepare(&t[0], &one, 1);
	prepare(&t[1], &other, 1);
	/* other letters */
	t[1].all.p[0] = 'Z';
	memset(t[1].all.p + 100, 'Y', 20000);
	flow_zip_begin(&z[0], 15, 15);
	flow_zip_begin(&z[1], 15, 15);
	begin(&f);
	f.hook = give;
	f.side[0].protocols[1].rx_buffer_size = 500;
	flow_open(&f);
	raw_talking(&f, "permessage-deflate");
	given = latest(&f);
	listen_to(given, &e[1], &t[1]);
	wrap(&z[1], &t[1], &gift);
	r = raw_talking(&f, "permessage-deflate");
	s = latest(&f);
	listen_to(s, &e[0], &t[0]);
	speak(&f, r, &z[0], &t[0], 100000);
	FLOW_UNTIL(&f, e[0].message && e[1].message);
	assert_null(given);
	flow_zip_end(&z[0]);
	flow_zip_end(&z[1]);
	flow_free(&gift);
	flow_free(&t[0].all);
	flow_free(&t[1].all);
	flow_end(&f);
}

/* ---- many ---- */

#define CROWD 50

static void
test_one_message_for_many_is_compressed_once(void **state)
{
	static const struct saying says = { 2000, LWS_WRITE_TEXT, false };
	static const char offer[] = "permessage-deflate; "
				    "server_no_context_takeover";
	struct flow_bytes text = { NULL, 0, 0 }, plain = { NULL, 0, 0 };
	struct flow_bytes got = { NULL, 0, 0 };
	const struct lws_ext_pool *pool;
	struct flow_raw *r[CROWD];
	struct flow_zip z;
	struct flow f;
	unsigned long before;
	unsigned n;

	(void)state;
	begin(&f);
	flow_open(&f);
	make(&text, &says);
	pool = f.side[0].context->loops->ext;
	before = lws_ext_pool_compressed(pool);
	for (n = 0; n < CROWD; n++)
		r[n] = raw_talking(&f, offer);
	for (n = 0; n < CROWD; n++)
		flow_write(flow_server(&f, n), text.p, text.len,
			   LWS_WRITE_TEXT);
	for (n = 0; n < CROWD; n++) {
		got.len = plain.len = 0;
		assert_int_equal(take_frame(&f, r[n], &got), 0xc1);
		assert_true(got.len < 200);
		flow_zip_begin(&z, 15, 15);
		assert_true(flow_inflate(&z, got.p, got.len, &plain));
		flow_zip_end(&z);
		assert_int_equal(plain.len, text.len);
		assert_memory_equal(plain.p, text.p, text.len);
	}
	assert_int_equal(lws_ext_pool_compressed(pool), before + 1);
	flow_free(&text);
	flow_free(&plain);
	flow_free(&got);
	flow_end(&f);
}

/* An application that forgets to end a message harms itself alone. */
static void
test_a_message_never_ended_is_part_of_no_other(void **state)
{
	static const struct saying says = { 2000, LWS_WRITE_TEXT, false };
	static const char offer[] = "permessage-deflate; "
				    "server_no_context_takeover";
	struct flow_bytes text = { NULL, 0, 0 }, plain = { NULL, 0, 0 };
	struct flow_bytes got = { NULL, 0, 0 };
	struct flow_raw *r;
	struct flow_zip z;
	struct flow f;

	(void)state;
	begin(&f);
	flow_open(&f);
	make(&text, &says);
	raw_talking(&f, offer);
	flow_write(latest(&f), text.p, text.len,
		   LWS_WRITE_TEXT | LWS_WRITE_NO_FIN);
	flow_write(latest(&f), text.p, text.len, LWS_WRITE_TEXT);
	r = raw_talking(&f, offer);
	flow_write(latest(&f), text.p, text.len, LWS_WRITE_TEXT);
	assert_int_equal(take_frame(&f, r, &got), 0xc1);
	flow_zip_begin(&z, 15, 15);
	assert_true(flow_inflate(&z, got.p, got.len, &plain));
	flow_zip_end(&z);
	assert_int_equal(plain.len, text.len);
	assert_memory_equal(plain.p, text.p, text.len);
	flow_free(&text);
	flow_free(&plain);
	flow_free(&got);
	flow_end(&f);
}

static void
test_an_idle_connection_without_takeover_is_small(void **state)
{
	static const char offer[] =
		"permessage-deflate; server_no_context_takeover; "
		"client_no_context_takeover";
	static const struct saying says = { 2000, LWS_WRITE_TEXT, false };
	struct ear e[CROWD] = { { .stop_every = 0 } };
	struct flow_raw *r;
	struct flow_zip z;
	struct flow f;
	struct talk t;
	size_t before = 0;
	unsigned n;

	(void)state;
	prepare(&t, &says, 1);
	begin(&f);
	flow_open(&f);
	for (n = 0; n < CROWD; n++) {
		struct flow_bytes got = { NULL, 0, 0 };

		/* the first one has the pool filled */
		if (n == 1)
			before = flow_memory();
		r = raw_talking(&f, offer);
		flow_zip_begin(&z, 15, 15);
		listen_to(latest(&f), &e[n], &t);
		speak(&f, r, &z, &t, 100000);
		FLOW_UNTIL(&f, has_heard(latest(&f)));
		flow_write(latest(&f), t.all.p, t.all.len, LWS_WRITE_TEXT);
		take_frame(&f, r, &got);
		flow_zip_end(&z);
		flow_free(&got);
	}
	assert_true(flow_memory() - before <= (CROWD - 1) * 1024);
	flow_free(&t.all);
	flow_end(&f);
}

/* ---- the log ---- */

static char agreed[2][256];
static unsigned count_agreed;

static void
note_agreed(int level, const char *line)
{
	if (level == LLL_INFO && strstr(line, "permessage-deflate"))
		snprintf(agreed[count_agreed++ % 2], sizeof(agreed[0]), "%s",
			 line);
}

static void
test_a_line_at_info_names_what_was_agreed_on(void **state)
{
	static const char text[] = "permessage-deflate; "
				   "server_no_context_takeover; "
				   "client_no_context_takeover; "
				   "server_max_window_bits=10; "
				   "client_max_window_bits=11";
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	begin(&f);
	f.side[0].info.deflate.flags = LWS_DEFLATE_PEER_RESET;
	f.side[0].info.deflate.window_bits = 10;
	f.side[0].info.deflate.peer_window_bits = 11;
	flow_open(&f);
	flow_open_second(&f);
	count_agreed = 0;
	lws_set_log_level(LLL_ERR | LLL_WARN | LLL_INFO, note_agreed);
	flow_pair(&f, &s, &c);
	assert_string_equal(answer, text);
	/* a build may be without these lines */
	if (count_agreed) {
		assert_int_equal(count_agreed, 2);
		assert_non_null(strstr(agreed[0], text));
		assert_non_null(strstr(agreed[1], text));
	}
	flow_end(&f);
}

/* ---- out of memory ---- */

#define ALLOCATIONS_MAX 1000

static int
echo(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
     size_t len)
{
	static uint8_t text[3000];

	memset(text, 'x', sizeof(text));
	if (reason == LWS_CALLBACK_RECEIVE && len < sizeof(text)) {
		memcpy(text, in, len);
		return flow_write(c, text, sizeof(text), LWS_WRITE_BINARY) < 0
		       ? -1 : 0;
	}
	if (is_receive((unsigned)reason))
		c->n += (long)len;
	return 0;
}

static void
settle(struct flow *f)
{
	int n;

	for (n = 0; n < 12; n++)
		flow_turn(f);
}

/* A client that talks, stops, and goes on. */
static void
stumble(struct flow *f)
{
	struct flow_conn *c = flow_connect(f, 1, "second");
	static const uint8_t zeros[40000];
	unsigned n;

	settle(f);
	for (n = 0; c && n < 2; n++) {
		if (!c->wsi || !c->count[LWS_CALLBACK_CLIENT_ESTABLISHED])
			return;
		flow_write(c, zeros, 1000, LWS_WRITE_BINARY);
		if (c->wsi)
			libwebsocket_rx_flow_control(c->wsi, 0);
		settle(f);
		if (c->wsi)
			flow_write(c, zeros, sizeof(zeros), LWS_WRITE_BINARY);
		if (c->wsi)
			libwebsocket_rx_flow_control(c->wsi, 1);
		settle(f);
	}
	if (c && c->wsi)
		libwebsocket_close_and_free_session(
			f->side[1].context, c->wsi, LWS_CLOSE_STATUS_NORMAL);
	settle(f);
}

/* The flow with allocation @n failing; false when it makes fewer. */
static bool
stumbles(const char *name, unsigned options, long n)
{
	struct flow_conn *s, *c;
	struct flow f;
	bool failed;

	begin(&f);
	f.hook = echo;
	f.side[0].protocols[1].rx_buffer_size = 100;
	f.side[0].info.deflate.flags = options;
	f.side[1].info.deflate.flags = options;
	flow_open(&f);
	flow_open_second(&f);
	only = name;
	f.hook = app;
	flow_pair(&f, &s, &c);
	f.hook = echo;
	flow_fail_allocation(n);
	stumble(&f);
	failed = flow_allocation_failed();
	flow_fail_allocation(-1);
	/* bystanders go on */
	flow_write(c, "still there?", 12, LWS_WRITE_TEXT);
	FLOW_UNTIL(&f, c->n >= 3000);
	assert_false(flow_over(s) || flow_over(c));
	flow_end(&f);
	return failed;
}

static void
test_any_allocation_may_fail(void **state)
{
	static const unsigned options[] = { 0, LWS_DEFLATE_KEEP,
					    LWS_DEFLATE_RESET };
	size_t n, k;
	long at;

	(void)state;
	for (n = 0; n < COUNT(names); n++)
		for (k = 0; k < COUNT(options); k++) {
			if (!has(names[n]) || (n == 2 && k))
				continue;
			for (at = 0; stumbles(names[n], options[k], at); at++)
				assert_true(at < ALLOCATIONS_MAX);
			assert_true(at > 10);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_all_that_can_be_agreed_on_works_both_ways),
		cmocka_unit_test(
			test_messages_of_every_size_come_in_whole_chunks),
		cmocka_unit_test(test_who_stops_in_the_middle_loses_nothing),
		cmocka_unit_test(test_a_million_bytes_come_through),
		cmocka_unit_test(test_in_a_foreign_loop_it_is_the_same),
		cmocka_unit_test(test_each_deflate_works_in_each_version),
		cmocka_unit_test(test_whole_messages_come_at_once),
		cmocka_unit_test(test_version_76_offers_none),
		cmocka_unit_test(test_a_server_that_vetoes_takes_the_next),
		cmocka_unit_test(test_an_array_of_one_is_all_that_is_offered),
		cmocka_unit_test(test_what_is_not_worth_it_travels_as_it_is),
		cmocka_unit_test(
			test_rsv1_is_on_the_first_frame_of_a_message_only),
		cmocka_unit_test(
			test_a_server_keeps_to_the_window_it_is_asked_for),
		cmocka_unit_test(test_a_stranger_may_cut_a_message_anywhere),
		cmocka_unit_test(test_held_output_outlives_who_has_sent_it),
		cmocka_unit_test(test_held_output_ends_with_its_connection),
		cmocka_unit_test(
			test_who_is_given_input_amid_a_message_does_not_spoil_it),
		cmocka_unit_test(test_one_message_for_many_is_compressed_once),
		cmocka_unit_test(
			test_a_message_never_ended_is_part_of_no_other),
		cmocka_unit_test(
			test_an_idle_connection_without_takeover_is_small),
		cmocka_unit_test(test_a_line_at_info_names_what_was_agreed_on),
		cmocka_unit_test(test_any_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
