/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of extensions that an application brings: that their callbacks are
 * called for every reason there is, in order, with what is promised, and that
 * what they answer is heeded.
 */
#include "flow/flow.h"

#include <sys/socket.h>
#include <time.h>

#include "base/limits.h"

#define REASONS (LWS_EXT_CALLBACK_PAYLOAD_RX + 1)

#define NEW  "WSI_CREATE SERVER_NEW_CLIENT_INSTANTIATED ADD_POLL_FD"
#define OVER " WSI_DESTROY"

/* An extension's callback as a test sees it; @c is NULL for a context's. */
typedef int ext_hook(struct flow_conn *c, char ext,
		     enum libwebsocket_extension_callback_reasons reason,
		     void *in, size_t len);

static struct {
	ext_hook *hook;
	struct flow_bytes trace;    /* of the contexts */
	unsigned count[2][REASONS]; /* by server and client */
	bool brief;		    /* trace neither bytes nor payload */
} x;

static const char *const names[REASONS] = {
#define NAME(reason) [LWS_EXT_CALLBACK_##reason] = #reason
	NAME(SERVER_CONTEXT_CONSTRUCT),
	NAME(CLIENT_CONTEXT_CONSTRUCT),
	NAME(SERVER_CONTEXT_DESTRUCT),
	NAME(CLIENT_CONTEXT_DESTRUCT),
	NAME(CONSTRUCT),
	NAME(CLIENT_CONSTRUCT),
	NAME(CHECK_OK_TO_REALLY_CLOSE),
	NAME(CHECK_OK_TO_PROPOSE_EXTENSION),
	NAME(DESTROY),
	NAME(DESTROY_ANY_WSI_CLOSING),
	NAME(ANY_WSI_ESTABLISHED),
	NAME(PACKET_RX_PREPARSE),
	NAME(PACKET_TX_PRESEND),
	NAME(PACKET_TX_DO_SEND),
	NAME(HANDSHAKE_REPLY_TX),
	NAME(FLUSH_PENDING_TX),
	NAME(EXTENDED_PAYLOAD_RX),
	NAME(CAN_PROXY_CLIENT_CONNECTION),
	NAME(1HZ),
	NAME(REQUEST_ON_WRITEABLE),
	NAME(IS_WRITEABLE),
	NAME(PAYLOAD_TX),
	NAME(PAYLOAD_RX)
#undef NAME
};

/* spaces of extensions: whose, and how often they were called */
struct space {
	struct libwebsocket *wsi;
	char ext;
	unsigned calls;
	char fill[50];
};

static bool
has_no_space(unsigned reason)
{
	return reason <= LWS_EXT_CALLBACK_CLIENT_CONTEXT_DESTRUCT ||
	       reason == LWS_EXT_CALLBACK_CHECK_OK_TO_PROPOSE_EXTENSION ||
	       reason == LWS_EXT_CALLBACK_DESTROY_ANY_WSI_CLOSING;
}

static bool
has_tokens(unsigned reason)
{
	return reason == LWS_EXT_CALLBACK_PACKET_RX_PREPARSE ||
	       reason == LWS_EXT_CALLBACK_PACKET_TX_PRESEND ||
	       reason == LWS_EXT_CALLBACK_FLUSH_PENDING_TX ||
	       reason == LWS_EXT_CALLBACK_EXTENDED_PAYLOAD_RX ||
	       reason == LWS_EXT_CALLBACK_PAYLOAD_TX ||
	       reason == LWS_EXT_CALLBACK_PAYLOAD_RX;
}

/* The columns "user / in / len" of those that are about a connection. */
static void
check_space(struct libwebsocket *wsi, char ext, unsigned reason, void *user)
{
	struct space *s = user;
	size_t n;

	if (reason == LWS_EXT_CALLBACK_CAN_PROXY_CLIENT_CONNECTION) {
		assert_int_equal((intptr_t)user, ext - 'a');
		return;
	}
	if (has_no_space(reason)) {
		assert_null(user);
		return;
	}
	if (!s) {
		assert_int_equal(reason, LWS_EXT_CALLBACK_ANY_WSI_ESTABLISHED);
		return;
	}
	if (reason == LWS_EXT_CALLBACK_CONSTRUCT ||
	    reason == LWS_EXT_CALLBACK_CLIENT_CONSTRUCT) {
		for (n = 0; n < sizeof(*s); n++)
			assert_int_equal(((char *)user)[n], 0);
		s->wsi = wsi;
		s->ext = ext;
	}
	assert_ptr_equal(s->wsi, wsi);
	assert_int_equal(s->ext, ext);
	s->calls++;
	if (reason == LWS_EXT_CALLBACK_DESTROY)
		s->wsi = NULL;
}

static void
check_in(unsigned reason, void *in, size_t len)
{
	const struct lws_tokens *t = in;

	if (has_tokens(reason)) {
		assert_non_null(t);
		assert_true(t->token_len >= 0 && (t->token || !t->token_len));
	}
	switch (reason) {
	case LWS_EXT_CALLBACK_FLUSH_PENDING_TX:
		assert_null(t->token);
		assert_int_equal(t->token_len, 0);
		break;
	case LWS_EXT_CALLBACK_PACKET_TX_DO_SEND:
		assert_non_null(*(unsigned char **)in);
		assert_true(len > 0);
		break;
	case LWS_EXT_CALLBACK_HANDSHAKE_REPLY_TX:
		assert_memory_equal(in, "HTTP/1.1 101 ", 13);
		assert_memory_equal((char *)in + len - 4, "\r\n\r\n", 4);
		break;
	case LWS_EXT_CALLBACK_CAN_PROXY_CLIENT_CONNECTION:
		assert_string_equal(in, "127.0.0.1");
		assert_true(len > 0 && len < 65536);
		break;
	case LWS_EXT_CALLBACK_CHECK_OK_TO_PROPOSE_EXTENSION:
		assert_non_null(
			strchr("abcdefghijklmnopqrstuvwxyz", *(char *)in));
		break;
	case LWS_EXT_CALLBACK_1HZ:
		assert_null(in);
		assert_true(len >= (size_t)time(NULL) - 2 &&
			    len <= (size_t)time(NULL) + 1);
		break;
	case LWS_EXT_CALLBACK_PAYLOAD_TX:
		assert_int_equal(len, LWS_EXT_FRAME_FIRST | LWS_EXT_FRAME_LAST);
		break;
	case LWS_EXT_CALLBACK_PAYLOAD_RX:
		assert_int_equal(len & ~(size_t)(LWS_EXT_FRAME_FIRST |
						 LWS_EXT_FRAME_LAST),
				 0);
		break;
	default:
		if (!has_tokens(reason))
			assert_null(in);
		assert_int_equal(len, 0);
		break;
	}
}

static bool
is_traced(unsigned reason)
{
	if (reason == LWS_EXT_CALLBACK_1HZ)
		return false;
	return !x.brief || !(has_tokens(reason) ||
			     reason == LWS_EXT_CALLBACK_PACKET_TX_DO_SEND);
}

static struct flow_conn *
conn_of(struct flow_side *side, struct libwebsocket *wsi)
{
	struct flow *f = side->flow;
	unsigned n = f->count_conns;

	while (n--)
		if (f->conns[n]->wsi == wsi && f->conns[n]->side == side)
			return f->conns[n];
	fail_msg("an extension hears of a connection nobody knows");
	return NULL;
}

static int
note(struct libwebsocket_context *context, struct libwebsocket_extension *ext,
     struct libwebsocket *wsi,
     enum libwebsocket_extension_callback_reasons reason, void *user, void *in,
     size_t len)
{
	struct flow_side *side = libwebsocket_context_user(context);
	struct flow_conn *c = wsi ? conn_of(side, wsi) : NULL;
	struct flow_bytes *trace = c ? &c->trace : &x.trace;
	char head[3] = { ' ', *ext->name, '.' };

	assert_true((unsigned)reason < REASONS);
	assert_true(ext >= side->info.extensions);
	assert_int_equal(ext - side->info.extensions, *ext->name - 'a');
	assert_int_equal(!c,
			 reason <= LWS_EXT_CALLBACK_CLIENT_CONTEXT_DESTRUCT);
	check_space(wsi, *ext->name, (unsigned)reason, user);
	check_in((unsigned)reason, in, len);
	x.count[c ? c->client : side->info.port < 0][reason]++;
	if (is_traced((unsigned)reason)) {
		flow_add(trace, head + !trace->len, sizeof(head) - !trace->len);
		flow_add(trace, names[reason], strlen(names[reason]));
	}
	return x.hook ? x.hook(c, *ext->name, reason, in, len) : 0;
}

#define EXT(name)                                                              \
	{                                                                      \
		name, note, sizeof(struct space), NULL                         \
	}

static struct libwebsocket_extension two[] = {
	EXT("a"),
	EXT("b"),
	{ NULL, NULL, 0, NULL },
};

static void
begin(struct flow *f)
{
	flow_free(&x.trace);
	memset(&x, 0, sizeof(x));
	flow_add(&x.trace, "", 0);
	flow_begin(f);
	f->side[0].info.extensions = two;
	f->side[1].info.extensions = two;
}

static void
end(struct flow *f)
{
	flow_end(f);
	flow_free(&x.trace);
}

static struct lws_tokens *
tokens(void *in)
{
	return in;
}

/* ---- order ---- */

/* The client says hello, is answered, and ends. */
static int
talk(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
     size_t len)
{
	(void)in;
	(void)len;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		assert_int_equal(flow_text(c, "hello"), 5);
		break;
	case LWS_CALLBACK_RECEIVE:
		assert_int_equal(libwebsocket_callback_on_writable(
					 c->side->context, c->wsi),
				 1);
		break;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		assert_int_equal(flow_text(c, "world"), 5);
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return -1;
	}
	return 0;
}

#define BOTH(reason) " a." reason " b." reason
#define BACK(reason) " b." reason " a." reason
#define FRAME_OUT    BOTH("PACKET_TX_PRESEND") BOTH("PACKET_TX_DO_SEND")
#define WRITTEN	     BOTH("PAYLOAD_TX") FRAME_OUT
#define READ	     BACK("PACKET_RX_PREPARSE")
#define GOT	     READ BACK("PAYLOAD_RX")
#define GONE	     BACK("DESTROY") BOTH("DESTROY_ANY_WSI_CLOSING") OVER

static void
test_a_life_is_told_in_order_to_both_roles(void **state)
{
	struct flow_conn *c;
	struct flow f;

	(void)state;
	begin(&f);
	f.hook = talk;
	flow_open(&f);
	c = flow_connect(&f, 0, "second");
	FLOW_UNTIL(&f, flow_over(c) && flow_over(flow_server(&f, 0)));
	flow_assert_trace(
		flow_server(&f, 0), NEW
		" FILTER_PROTOCOL_CONNECTION/1"
		" CONFIRM_EXTENSION_OKAY a.CONSTRUCT"
		" CONFIRM_EXTENSION_OKAY b.CONSTRUCT" BOTH(
			"HANDSHAKE_REPLY_TX") " ESTABLISHED/1" BOTH("ANY_WSI_"
								    "ESTABLISHE"
								    "D") GOT
		" RECEIVE/1" BOTH("REQUEST_ON_WRITEABLE")
			BOTH("IS_WRITEABLE") " SERVER_WRITEABLE/1" WRITTEN READ
				BOTH("FLUSH_PENDING_TX") FRAME_OUT
		" DEL_POLL_FD CLOSED/1" GONE);
	flow_assert_trace(
		c,
		"WSI_CREATE" BOTH("CAN_PROXY_CLIENT_CONNECTION") " ADD_POLL_"
								 "FD" BOTH("CHE"
									   "CK_"
									   "OK_"
									   "TO_"
									   "PRO"
									   "POS"
									   "E_"
									   "EXT"
									   "ENS"
									   "IO"
									   "N") " CLIENT_CONFIRM_EXTENSION_SUPPORTED" BOTH(
									 "CHECK"
									 "_OK_"
									 "TO_"
									 "PROPO"
									 "SE_"
									 "EXTEN"
									 "SION") " CLIENT_CONFIRM_EXTENSION_SUPPORTED"
										 " CLIENT_APPEND_HANDSHAKE_HEADER" BOTH(
											 "CLIENT_CONSTRUCT") " CLIENT_FILTER_PRE_ESTABLISH/1 CLIENT_ESTABLISHED/1" WRITTEN
											 BOTH("ANY_WSI_ESTABLISHED")
												 GOT
		" CLIENT_RECEIVE/1" BOTH(
			"CHECK_OK_TO_REALLY_CLOSE") " DEL_POLL_FD" BOTH("FLUSH_"
									"PENDIN"
									"G_TX")
			FRAME_OUT " CLOSED/1" GONE);
	assert_string_equal((char *)flow_server(&f, 0)->got.p, "hello");
	assert_string_equal((char *)c->got.p, "world");
	end(&f);
}

static void
test_contexts_begin_and_end_as_server_or_client(void **state)
{
	struct flow f;

	(void)state;
	begin(&f);
	flow_open(&f);
	flow_open_second(&f);
	assert_string_equal(
		(char *)x.trace.p,
		"a.SERVER_CONTEXT_CONSTRUCT"
		" b.SERVER_CONTEXT_CONSTRUCT" BOTH("CLIENT_CONTEXT_CONSTRUCT"));
	x.trace.len = 0;
	flow_end(&f);
	assert_string_equal(
		(char *)x.trace.p,
		"a.CLIENT_CONTEXT_DESTRUCT"
		" b.CLIENT_CONTEXT_DESTRUCT" BOTH("SERVER_CONTEXT_DESTRUCT"));
	flow_free(&x.trace);
}

static int
refuse_context(struct flow_conn *c, char ext,
	       enum libwebsocket_extension_callback_reasons reason, void *in,
	       size_t len)
{
	(void)c;
	(void)in;
	(void)len;
	if (reason == LWS_EXT_CALLBACK_SERVER_CONTEXT_CONSTRUCT)
		return ext == 'a' ? -1 : 1;
	return reason == LWS_EXT_CALLBACK_CLIENT_CONTEXT_CONSTRUCT ? -1 : 0;
}

static void
test_a_negative_answer_keeps_a_context_from_being(void **state)
{
	struct flow f;
	int n;

	(void)state;
	begin(&f);
	x.hook = refuse_context;
	for (n = 0; n < 2; n++)
		assert_null(libwebsocket_create_context(&f.side[n].info));
	assert_int_equal(
		x.count[0][LWS_EXT_CALLBACK_SERVER_CONTEXT_CONSTRUCT] +
			x.count[1][LWS_EXT_CALLBACK_SERVER_CONTEXT_CONSTRUCT],
		2);
	/* PROTOCOL_INIT comes first, and is taken back */
	for (n = 0; n < 2; n++) {
		assert_int_not_equal(f.side[n].inits, 0);
		assert_int_equal(f.side[n].inits, f.side[n].destroys);
		f.side[n].inits = f.side[n].destroys = 0;
	}
	assert_int_equal(flow_errors(), 2);
	end(&f);
}

/* Who is not active hears of connections, too, and has no space there. */
static void
test_all_hear_of_connections_that_have_no_extensions(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin(&f);
	flow_open(&f);
	r = flow_raw_ws(&f, 0);
	flow_raw_frame(&f, r, 0x81, "hi", 2);
	FLOW_UNTIL(&f, flow_server(&f, 0)->got.len == 2);
	flow_raw_close(r);
	FLOW_UNTIL(&f, flow_over(flow_server(&f, 0)));
	flow_assert_trace(
		flow_server(&f, 0),
		NEW " FILTER_PROTOCOL_CONNECTION/1 ESTABLISHED/1" BOTH(
			"ANY_WSI_ESTABLISHED") " RECEIVE/1 DEL_POLL_FD"
					       " CLOSED/1" BOTH("DESTROY_ANY_"
								"WSI_CLOSING")
						       OVER);
	end(&f);
}

/* ---- vetoes ---- */

/* What a row of the table says: who answers 1 to what. */
static struct veto {
	int user;		     /* the application, or -1 */
	int ext;		     /* or an extension, or -1 */
	char who;		     /* that extension */
	char about;		     /* and the name it is about */
	const char *server, *client; /* active in the end; NULL: it fails */
} veto;

static int
veto_user(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	  void *in, size_t len)
{
	(void)c;
	(void)len;
	return (int)reason == veto.user && *(char *)in == veto.about;
}

static char active[2][40]; /* names of those that are constructed */

static int
veto_ext(struct flow_conn *c, char ext,
	 enum libwebsocket_extension_callback_reasons reason, void *in,
	 size_t len)
{
	const char name[2] = { ext, '\0' };

	(void)len;
	if (c && (reason == LWS_EXT_CALLBACK_CONSTRUCT ||
		  reason == LWS_EXT_CALLBACK_CLIENT_CONSTRUCT))
		strcat(active[c->client], name);
	if ((int)reason != veto.ext || ext != veto.who)
		return 0;
	if (reason == LWS_EXT_CALLBACK_CHECK_OK_TO_PROPOSE_EXTENSION)
		return *(char *)in == veto.about;
	active[c->client][strlen(active[c->client]) - 1] = '\0';
	return 1;
}

static const struct veto vetoes[] = {
	{ -1, -1, 0, 0, "ab", "ab" },
	{ LWS_CALLBACK_CONFIRM_EXTENSION_OKAY, -1, 0, 'a', "b", "b" },
	{ LWS_CALLBACK_CONFIRM_EXTENSION_OKAY, -1, 0, 'b', "a", "a" },
	{ LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED, -1, 0, 'a', "b",
	  "b" },
	{ -1, LWS_EXT_CALLBACK_CHECK_OK_TO_PROPOSE_EXTENSION, 'a', 'b', "a",
	  "a" },
	{ -1, LWS_EXT_CALLBACK_CHECK_OK_TO_PROPOSE_EXTENSION, 'b', 'b', "a",
	  "a" },
	{ -1, LWS_EXT_CALLBACK_CHECK_OK_TO_PROPOSE_EXTENSION, 'b', 'a', "b",
	  "b" },
	{ -1, LWS_EXT_CALLBACK_CONSTRUCT, 'a', 0, "b", "b" },
	{ -1, LWS_EXT_CALLBACK_CONSTRUCT, 'b', 0, "a", "a" },
	{ -1, LWS_EXT_CALLBACK_CLIENT_CONSTRUCT, 'a', 0, "ab", NULL },
	{ -1, LWS_EXT_CALLBACK_CLIENT_CONSTRUCT, 'b', 0, "ab", NULL },
};

static void
test_who_minds_an_extension_keeps_it_from_being_active(void **state)
{
	struct flow_conn *c;
	struct flow f;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(vetoes); n++) {
		begin(&f);
		veto = vetoes[n];
		memset(active, 0, sizeof(active));
		f.hook = veto_user;
		x.hook = veto_ext;
		flow_open(&f);
		c = flow_connect(&f, 0, "second");
		FLOW_UNTIL(&f,
			   flow_over(c) ||
				   c->count[LWS_CALLBACK_CLIENT_ESTABLISHED]);
		assert_string_equal(active[0], veto.server);
		assert_int_equal(flow_over(c), !veto.client);
		if (veto.client)
			assert_string_equal(active[1], veto.client);
		else
			assert_string_equal(c->why, "refused by an extension");
		end(&f);
		assert_int_equal(x.count[0][LWS_EXT_CALLBACK_DESTROY],
				 strlen(active[0]));
		assert_int_equal(x.count[1][LWS_EXT_CALLBACK_DESTROY],
				 strlen(active[1]));
	}
}

static void
test_more_than_can_be_active_are_declined(void **state)
{
	static struct libwebsocket_extension many[] = {
		EXT("a"), EXT("b"),
		EXT("c"), EXT("d"),
		EXT("e"), EXT("f"),
		EXT("g"), EXT("h"),
		EXT("i"), EXT("j"),
		EXT("k"), EXT("l"),
		EXT("m"), { NULL, NULL, 0, NULL },
	};
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	if (LWS_MAX_EXTENSIONS_ACTIVE >= COUNT(many) - 1) {
		print_message("as many as are here may be active\n");
		skip();
	}
	begin(&f);
	f.side[0].info.extensions = many;
	f.hook = talk;
	flow_open(&f);
	c = flow_connect(&f, 0, "second");
	FLOW_UNTIL(&f, flow_over(c) && flow_over(flow_server(&f, 0)));
	s = flow_server(&f, 0);
	assert_string_equal((char *)s->got.p, "hello");
	assert_string_equal((char *)c->got.p, "world");
	assert_int_equal(x.count[0][LWS_EXT_CALLBACK_CONSTRUCT],
			 LWS_MAX_EXTENSIONS_ACTIVE);
	assert_int_equal(x.count[1][LWS_EXT_CALLBACK_CLIENT_CONSTRUCT],
			 LWS_MAX_EXTENSIONS_ACTIVE);
	assert_int_equal(s->count[LWS_CALLBACK_CONFIRM_EXTENSION_OKAY],
			 LWS_MAX_EXTENSIONS_ACTIVE);
	assert_int_equal(
		c->count[LWS_CALLBACK_CLIENT_CONFIRM_EXTENSION_SUPPORTED], 13);
	end(&f);
}

/* Only the second asks to go on, and only so long. */
static bool keeping;

static int
keep_open(struct flow_conn *c, char ext,
	  enum libwebsocket_extension_callback_reasons reason, void *in,
	  size_t len)
{
	(void)c;
	(void)in;
	(void)len;
	return reason == LWS_EXT_CALLBACK_CHECK_OK_TO_REALLY_CLOSE &&
	       ext == 'b' && keeping;
}

static int
end_each(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	 void *in, size_t len)
{
	(void)c;
	(void)in;
	(void)len;
	return reason == LWS_CALLBACK_RECEIVE ||
	       reason == LWS_CALLBACK_CLIENT_RECEIVE ||
	       reason == LWS_CALLBACK_SERVER_WRITEABLE ||
	       reason == LWS_CALLBACK_CLIENT_WRITEABLE ||
	       reason == LWS_CALLBACK_CLIENT_RECEIVE_PONG;
}

/* What was on its way when the close was asked for is not lost. */
static void
test_an_extension_can_keep_a_connection(void **state)
{
	struct flow_conn *s, *c, *from, *to;
	struct flow f;
	int n;

	(void)state;
	for (n = 0; n < 2; n++) {
		begin(&f);
		f.hook = end_each;
		x.hook = keep_open;
		keeping = true;
		flow_open(&f);
		flow_pair(&f, &s, &c);
		from = n ? s : c;
		to = n ? c : s;
		flow_text(from, "one");
		flow_text(from, "two");
		flow_text(from, "three");
		FLOW_UNTIL(&f, to->got.len == 11);
		assert_string_equal((char *)to->got.p, "onetwothree");
		libwebsocket_callback_on_writable(to->side->context, to->wsi);
		libwebsocket_callback_on_writable(c->side->context, c->wsi);
		flow_write(c, "?", 1, LWS_WRITE_PING);
		FLOW_UNTIL(&f, c->count[LWS_CALLBACK_CLIENT_RECEIVE_PONG] &&
				       c->count[LWS_CALLBACK_CLIENT_WRITEABLE]);
		flow_text(from, "four");
		FLOW_UNTIL(&f, to->got.len == 15);
		assert_false(flow_over(to));
		keeping = false;
		flow_text(from, "five");
		FLOW_UNTIL(&f, flow_over(to) && flow_over(from));
		assert_string_equal((char *)to->got.p, "onetwothreefourfive");
		end(&f);
	}
}

/* Who says goodbye cannot be kept. */
static void
test_a_peer_that_closes_is_not_asked_about(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	begin(&f);
	x.hook = keep_open;
	keeping = true;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	flow_write(c, "\x03\xe8", 2, LWS_WRITE_CLOSE);
	FLOW_UNTIL(&f, flow_over(s) && flow_over(c));
	assert_int_equal(x.count[0][LWS_EXT_CALLBACK_CHECK_OK_TO_REALLY_CLOSE],
			 0);
	assert_int_equal(x.count[1][LWS_EXT_CALLBACK_CHECK_OK_TO_REALLY_CLOSE],
			 0);
	end(&f);
}

/* ---- what travels ---- */

/* what extensions show, by role and extension, or by role and direction */
static char memory[2][2][300000], packets[2][2][300000];

/* Put the extension's letter in front of each frame, or take it off. */
static int
tag(struct flow_conn *c, char ext,
    enum libwebsocket_extension_callback_reasons reason, void *in, size_t len)
{
	struct lws_tokens *t = tokens(in);

	if (reason == LWS_EXT_CALLBACK_PAYLOAD_TX) {
		char *m = memory[c->client][ext == 'b'];

		m[0] = ext;
		if (t->token_len)
			memcpy(m + 1, t->token, (size_t)t->token_len);
		t->token = m;
		t->token_len++;
	}
	if (reason == LWS_EXT_CALLBACK_PAYLOAD_RX &&
	    len & LWS_EXT_FRAME_FIRST) {
		assert_int_equal(t->token[0], ext);
		t->token++;
		t->token_len--;
	}
	return 0;
}

static void
test_payload_goes_through_in_order_and_back_in_reverse(void **state)
{
	static const size_t sizes[] = { 0, 1, 123, 124, 4096, 65533, 250000 };
	struct flow_conn *s, *c, *from, *to;
	char *text = malloc(250000);
	struct flow f;
	size_t n, k, last;

	(void)state;
	memset(text, 'x', 250000);
	begin(&f);
	x.hook = tag;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	for (n = 0; n < 2 * COUNT(sizes); n++) {
		from = n & 1 ? s : c;
		to = n & 1 ? c : s;
		k = sizes[n / 2];
		last = to->count[n & 1 ? LWS_CALLBACK_CLIENT_RECEIVE
				       : LWS_CALLBACK_RECEIVE];
		to->got.len = 0;
		assert_int_equal(flow_write(from, text, k, LWS_WRITE_TEXT), k);
		FLOW_UNTIL(&f,
			   to->got.len == k &&
				   to->count[n & 1 ? LWS_CALLBACK_CLIENT_RECEIVE
						   : LWS_CALLBACK_RECEIVE] >
					   last);
		assert_memory_equal(to->got.p, text, k);
	}
	/* control frames are none of theirs */
	last = x.count[0][LWS_EXT_CALLBACK_PAYLOAD_RX];
	flow_write(c, "ping", 4, LWS_WRITE_PING);
	FLOW_UNTIL(&f, c->count[LWS_CALLBACK_CLIENT_RECEIVE_PONG]);
	assert_int_equal(x.count[0][LWS_EXT_CALLBACK_PAYLOAD_RX], last);
	end(&f);
	free(text);
}

/* A frame on the wire: what the second made of what the first had made. */
static void
test_on_the_wire_the_last_tag_is_in_front(void **state)
{
	static const char request[] =
		"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Protocol: second\r\n"
		"Sec-WebSocket-Extensions: b, nobody, a;x, b, a\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin(&f);
	x.hook = tag;
	flow_open(&f);
	r = flow_raw(&f, 0);
	flow_raw_puts(&f, r, request);
	FLOW_UNTIL(&f, flow_raw_has(r, "\r\n\r\n"));
	assert_true(flow_raw_has(r, "\r\nSec-WebSocket-Extensions: a, b\r\n"));
	r->in.len = 0;
	assert_int_equal(flow_text(flow_server(&f, 0), "hi"), 2);
	FLOW_UNTIL(&f, r->in.len == 6);
	assert_memory_equal(r->in.p,
			    "\x81\x04"
			    "bahi",
			    6);
	flow_raw_frame(&f, r, 0x81, "bahello", 7);
	FLOW_UNTIL(&f, flow_server(&f, 0)->got.len == 5);
	end(&f);
}

/* Nothing is delivered before the frame has ended. */
static int
gather(struct flow_conn *c, char ext,
       enum libwebsocket_extension_callback_reasons reason, void *in,
       size_t len)
{
	struct lws_tokens *t = tokens(in);
	char *m;

	if (reason != LWS_EXT_CALLBACK_PAYLOAD_RX || ext != 'a')
		return 0;
	m = memory[c->client][0];
	if (len & LWS_EXT_FRAME_FIRST)
		c->n = 0;
	memcpy(m + c->n, t->token, (size_t)t->token_len);
	c->n += t->token_len;
	t->token = m;
	t->token_len = len & LWS_EXT_FRAME_LAST ? (int)c->n : 0;
	return 0;
}

static void
test_payload_can_be_held_until_its_frame_is_whole(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	begin(&f);
	x.hook = gather;
	f.side[0].protocols[1].max_message_size = 300000;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	flow_write(c, memory[1][1], 200000, LWS_WRITE_BINARY);
	FLOW_UNTIL(&f, s->got.len);
	assert_int_equal(s->got.len, 200000);
	assert_int_equal(s->count[LWS_CALLBACK_RECEIVE], 1);
	assert_true(x.count[0][LWS_EXT_CALLBACK_PAYLOAD_RX] > 4);
	end(&f);
}

/* who fails at what */
static struct {
	bool client;
	char ext;
	unsigned reason;
} failing;

static int
fail_at(struct flow_conn *c, char ext,
	enum libwebsocket_extension_callback_reasons reason, void *in,
	size_t len)
{
	(void)in;
	(void)len;
	return c && c->client == failing.client && ext == failing.ext &&
			       (unsigned)reason == failing.reason
		       ? -1
		       : 0;
}

static void
test_a_negative_answer_ends_the_connection(void **state)
{
	static const unsigned reasons[] = {
		LWS_EXT_CALLBACK_PACKET_RX_PREPARSE,
		LWS_EXT_CALLBACK_PACKET_TX_PRESEND,
		LWS_EXT_CALLBACK_PACKET_TX_DO_SEND,
		LWS_EXT_CALLBACK_PAYLOAD_TX,
		LWS_EXT_CALLBACK_PAYLOAD_RX,
	};
	struct flow_conn *s, *c;
	struct flow f;
	size_t n;

	(void)state;
	for (n = 0; n < 4 * COUNT(reasons); n++) {
		begin(&f);
		x.hook = fail_at;
		failing.reason = reasons[n / 4];
		failing.client = n & 1;
		failing.ext = n & 2 ? 'a' : 'b';
		flow_open(&f);
		flow_pair(&f, &s, &c);
		flow_text(s, "hello");
		flow_text(c, "hello");
		FLOW_UNTIL(&f, flow_over(s) && flow_over(c));
		assert_int_equal(x.count[0][LWS_EXT_CALLBACK_DESTROY], 2);
		assert_int_equal(x.count[1][LWS_EXT_CALLBACK_DESTROY], 2);
		end(&f);
	}
}

/* ---- bytes ---- */

/* Both change the bytes; the second hands them out in three parts. */
static int
twist(struct flow_conn *c, char ext,
      enum libwebsocket_extension_callback_reasons reason, void *in, size_t len)
{
	static struct lws_tokens rest[2][2];
	struct lws_tokens *t = tokens(in), *r;
	int n;

	(void)len;
	if (reason != LWS_EXT_CALLBACK_PACKET_RX_PREPARSE &&
	    reason != LWS_EXT_CALLBACK_PACKET_TX_PRESEND)
		return 0;
	for (n = 0; n < t->token_len; n++)
		t->token[n] = (char)(t->token[n] ^ (ext == 'a' ? 0x55 : 1));
	if (ext == 'a')
		return 0;
	r = &rest[c->client][reason == LWS_EXT_CALLBACK_PACKET_TX_PRESEND];
	if (t->token) {
		char *m = packets[c->client][r == &rest[c->client][1]];

		assert_int_equal(r->token_len, 0);
		memcpy(m, t->token, (size_t)t->token_len);
		r->token = m;
		r->token_len = t->token_len;
	}
	t->token = r->token;
	t->token_len = r->token_len < 3 ? r->token_len : r->token_len / 2;
	r->token += t->token_len;
	r->token_len -= t->token_len;
	return r->token_len > 0;
}

static void
test_bytes_of_every_frame_can_be_changed_and_cut(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	begin(&f);
	x.hook = twist;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	assert_int_equal(flow_text(c, "from the client"), 15);
	assert_int_equal(flow_text(s, "from the server"), 15);
	FLOW_UNTIL(&f, s->got.len == 15 && c->got.len == 15);
	assert_string_equal((char *)s->got.p, "from the client");
	assert_string_equal((char *)c->got.p, "from the server");
	flow_write(c, "ping", 4, LWS_WRITE_PING);
	FLOW_UNTIL(&f, c->count[LWS_CALLBACK_CLIENT_RECEIVE_PONG]);
	flow_write(c, NULL, 0, LWS_WRITE_CLOSE);
	FLOW_UNTIL(&f, flow_over(s) && flow_over(c));
	end(&f);
}

static int
twist_and_tag(struct flow_conn *c, char ext,
	      enum libwebsocket_extension_callback_reasons reason, void *in,
	      size_t len)
{
	int rc = twist(c, ext, reason, in, len);

	return rc ? rc : tag(c, ext, reason, in, len);
}

static int
stop_at_each(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	     void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_RECEIVE ||
	    reason == LWS_CALLBACK_CLIENT_RECEIVE)
		libwebsocket_rx_flow_control(c->wsi, 0);
	return 0;
}

/* What is under way in a chain waits with the rest. */
static void
test_a_flow_that_is_stopped_everywhere_loses_nothing(void **state)
{
	char text[1500];
	struct flow_conn *s, *c, *to;
	struct flow f;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(text); n++)
		text[n] = (char)('a' + n % 23);
	begin(&f);
	f.hook = stop_at_each;
	f.hasty = true;
	x.hook = twist_and_tag;
	x.brief = true;
	f.side[0].protocols[1].rx_buffer_size = 7;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	for (n = 0; n < 2; n++) {
		to = n ? c : s;
		assert_int_equal(flow_write(n ? s : c, text, sizeof(text),
					    LWS_WRITE_TEXT),
				 sizeof(text));
		assert_int_equal(flow_text(n ? s : c, "last"), 4);
		while (to->got.len < sizeof(text) + 4) {
			size_t before = to->got.len;

			FLOW_UNTIL(&f, to->got.len > before);
			assert_true(to->got.len - before <= 7);
			libwebsocket_rx_flow_control(to->wsi, 1);
		}
		assert_memory_equal(to->got.p, text, sizeof(text));
		assert_string_equal((char *)to->got.p + sizeof(text), "last");
	}
	end(&f);
}

/* The extension sends by itself: all, the first byte, or nothing. */
static int
send_self(struct flow_conn *c, char ext,
	  enum libwebsocket_extension_callback_reasons reason, void *in,
	  size_t len)
{
	if (reason != LWS_EXT_CALLBACK_PACKET_TX_DO_SEND || ext != 'b' ||
	    c->n++ % 3 == 0)
		return 0;
	return (int)send(libwebsocket_get_socket_fd(c->wsi),
			 *(unsigned char **)in, c->n % 2 ? len : 1,
			 MSG_NOSIGNAL);
}

static void
test_an_extension_can_carry_the_bytes_itself(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	unsigned n;

	(void)state;
	begin(&f);
	x.hook = send_self;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	for (n = 1; n <= 20; n++) {
		assert_int_equal(flow_text(c, "hello"), 5);
		FLOW_UNTIL(&f, s->got.len == 5 * n);
		assert_int_equal(flow_text(s, "world!"), 6);
		FLOW_UNTIL(&f, c->got.len == 6 * n);
	}
	end(&f);
}

static int
answer_self(struct flow_conn *c, char ext,
	    enum libwebsocket_extension_callback_reasons reason, void *in,
	    size_t len)
{
	if (reason != LWS_EXT_CALLBACK_HANDSHAKE_REPLY_TX || ext != 'a')
		return 0;
	assert_int_equal(send(libwebsocket_get_socket_fd(c->wsi), in, len, 0),
			 len);
	return 1;
}

static void
test_an_extension_can_send_the_answer_itself(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	begin(&f);
	x.hook = answer_self;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	assert_int_equal(flow_text(c, "hello"), 5);
	FLOW_UNTIL(&f, s->got.len == 5);
	/* the first that says so is the last that is asked */
	assert_int_equal(x.count[0][LWS_EXT_CALLBACK_HANDSHAKE_REPLY_TX], 1);
	end(&f);
}

/* Data frames are held back until the end, and then given in two parts. */
static int
hold_back(struct flow_conn *c, char ext,
	  enum libwebsocket_extension_callback_reasons reason, void *in,
	  size_t len)
{
	struct lws_tokens *t = tokens(in);
	char *m;

	(void)len;
	if (!c || !c->client || ext != 'b')
		return 0;
	m = memory[1][1];
	if (reason == LWS_EXT_CALLBACK_PACKET_TX_PRESEND &&
	    !(t->token[0] & 0x08)) {
		memcpy(m, t->token, (size_t)t->token_len);
		c->n = t->token_len;
		t->token_len = 0;
	}
	if (reason != LWS_EXT_CALLBACK_FLUSH_PENDING_TX || !c->n)
		return 0;
	if (!c->data) {
		t->token = m;
		t->token_len = 3;
		c->data = m + 3;
		return 1;
	}
	t->token = c->data;
	t->token_len = (int)c->n - 3;
	c->n = 0;
	return 0;
}

static int
end_when_written(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
		 void *in, size_t len)
{
	(void)c;
	(void)in;
	(void)len;
	return reason == LWS_CALLBACK_CLIENT_WRITEABLE;
}

static void
test_what_is_held_back_goes_out_before_the_close(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	int n;

	(void)state;
	for (n = 0; n < 3; n++) {
		begin(&f);
		x.hook = hold_back;
		f.hook = end_when_written;
		flow_open(&f);
		flow_pair(&f, &s, &c);
		assert_int_equal(flow_text(c, "last words"), 10);
		flow_idle(&f, 20);
		assert_int_equal(s->got.len, 0);
		if (n == 0)
			libwebsocket_callback_on_writable(c->side->context,
							  c->wsi);
		else if (n == 1)
			flow_write(c, "\x03\xe8", 2, LWS_WRITE_CLOSE);
		else
			flow_destroy(&f.side[0]);
		if (n < 2)
			FLOW_UNTIL(&f, flow_over(s) && flow_over(c));
		if (n < 2)
			assert_string_equal((char *)s->got.p, "last words");
		assert_int_equal(x.count[1][LWS_EXT_CALLBACK_FLUSH_PENDING_TX],
				 3);
		end(&f);
	}
}

/* ---- the rest ---- */

static int
take_odd(struct flow_conn *c, char ext,
	 enum libwebsocket_extension_callback_reasons reason, void *in,
	 size_t len)
{
	(void)len;
	if (reason != LWS_EXT_CALLBACK_EXTENDED_PAYLOAD_RX || ext != 'b')
		return 0;
	if (!memcmp(tokens(in)->token, "no", 2))
		return 0;
	flow_add(&c->got, tokens(in)->token, (size_t)tokens(in)->token_len);
	return 1;
}

static void
test_frames_of_unknown_opcodes_are_shown(void **state)
{
	static const char request[] =
		"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Protocol: second\r\n"
		"Sec-WebSocket-Extensions: a, b\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
	static const int opcodes[] = { 0x83, 0x87, 0x8b, 0x8f };
	struct flow_raw *r;
	struct flow f;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(opcodes); n++) {
		begin(&f);
		x.hook = take_odd;
		flow_open(&f);
		r = flow_raw(&f, 0);
		flow_raw_puts(&f, r, request);
		FLOW_UNTIL(&f, flow_raw_has(r, "\r\n\r\n"));
		r->in.len = 0;
		flow_raw_frame(&f, r, 0x01, "te", 2);
		flow_raw_frame(&f, r, opcodes[n], "<odd>", 5);
		flow_raw_frame(&f, r, 0x80, "xt", 2);
		FLOW_UNTIL(&f, flow_server(&f, 0)->got.len == 9);
		assert_string_equal((char *)flow_server(&f, 0)->got.p,
				    "te<odd>xt");
		flow_raw_frame(&f, r, opcodes[n], "nobody's", 8);
		FLOW_UNTIL(&f, r->eof);
		assert_int_equal(flow_raw_close_code(r), 1002);
		end(&f);
	}
}

static int
take_over(struct flow_conn *c, char ext,
	  enum libwebsocket_extension_callback_reasons reason, void *in,
	  size_t len)
{
	(void)c;
	(void)in;
	(void)len;
	return reason == LWS_EXT_CALLBACK_CAN_PROXY_CLIENT_CONNECTION &&
	       ext == 'b';
}

/* The library makes no socket then, and waits as long as for others. */
static void
test_an_extension_can_take_a_client_connection_over(void **state)
{
	struct flow_conn *c;
	struct flow f;

	(void)state;
	begin(&f);
	x.hook = take_over;
	flow_open(&f);
	c = flow_connect(&f, 0, "second");
	assert_non_null(c);
	assert_int_equal(libwebsocket_get_socket_fd(c->wsi), -1);
	flow_idle(&f, 20);
	assert_null(flow_server(&f, 0));
	libwebsocket_set_timeout(
		c->wsi, PENDING_TIMEOUT_AWAITING_EXTENSION_CONNECT_RESPONSE, 1);
	FLOW_UNTIL(&f, flow_over(c));
	flow_assert_trace(
		c, "WSI_CREATE" BOTH(
			   "CAN_PROXY_CLIENT_CONNECTION") " CLIENT_CONNECTION_"
							  "ERROR WSI_DESTROY");
	c = flow_connect(&f, 0, "second");
	assert_non_null(c);
	end(&f);
}

static void
test_active_ones_hear_every_second(void **state)
{
	struct flow_conn *s, *c;
	struct flow_raw *r;
	struct flow f;
	uint64_t before;

	(void)state;
	begin(&f);
	flow_open(&f);
	r = flow_raw_ws(&f, 0);
	flow_idle(&f, 1100);
	assert_int_equal(x.count[0][LWS_EXT_CALLBACK_1HZ], 0);
	flow_raw_close(r);
	before = flow_ms();
	flow_pair(&f, &s, &c);
	/* two extensions of two connections; the first second may be short */
	FLOW_UNTIL(&f, x.count[0][LWS_EXT_CALLBACK_1HZ] >= 6);
	assert_true(flow_ms() - before > 900);
	assert_true(x.count[1][LWS_EXT_CALLBACK_1HZ] >= 4);
	assert_true(x.count[1][LWS_EXT_CALLBACK_1HZ] <= 8);
	end(&f);
}

static int
take_request(struct flow_conn *c, char ext,
	     enum libwebsocket_extension_callback_reasons reason, void *in,
	     size_t len)
{
	(void)c;
	(void)in;
	(void)len;
	return reason == LWS_EXT_CALLBACK_REQUEST_ON_WRITEABLE && ext == 'b';
}

static void
test_a_request_to_write_can_be_handled(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	begin(&f);
	x.hook = take_request;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	assert_int_equal(
		libwebsocket_callback_on_writable(s->side->context, s->wsi), 1);
	assert_int_equal(libwebsocket_callback_on_writable_all_protocol(
				 &f.side[0].protocols[1]),
			 0);
	flow_idle(&f, 30);
	assert_int_equal(s->count[LWS_CALLBACK_SERVER_WRITEABLE], 0);
	assert_int_equal(c->count[LWS_CALLBACK_CLIENT_WRITEABLE], 0);
	assert_true(x.count[0][LWS_EXT_CALLBACK_REQUEST_ON_WRITEABLE] >= 2);
	x.hook = NULL;
	libwebsocket_callback_on_writable(s->side->context, s->wsi);
	libwebsocket_callback_on_writable(c->side->context, c->wsi);
	FLOW_UNTIL(&f, s->count[LWS_CALLBACK_SERVER_WRITEABLE] &&
			       c->count[LWS_CALLBACK_CLIENT_WRITEABLE]);
	assert_int_equal(x.count[0][LWS_EXT_CALLBACK_IS_WRITEABLE], 2);
	assert_int_equal(x.count[1][LWS_EXT_CALLBACK_IS_WRITEABLE], 2);
	end(&f);
}

/* As talk(), with writes that may fail. */
static int
try_to_talk(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	    void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_CLIENT_ESTABLISHED)
		return flow_text(c, "hello") == 5 ? 0 : -1;
	if (reason == LWS_CALLBACK_RECEIVE)
		return flow_text(c, "world") == 5 ? 0 : -1;
	return reason == LWS_CALLBACK_CLIENT_RECEIVE ? -1 : 0;
}

/* ---- ends from within ---- */

static struct {
	unsigned reason;
	enum lws_close_status status;
	bool client, done;
} ending;

static int
end_own(struct flow_conn *c, char ext,
	enum libwebsocket_extension_callback_reasons reason, void *in,
	size_t len)
{
	(void)in;
	(void)len;
	if (!c || ext != 'b' || (unsigned)reason != ending.reason ||
	    c->client != ending.client || ending.done)
		return 0;
	ending.done = true;
	libwebsocket_close_and_free_session(c->side->context, c->wsi,
					    ending.status);
	return 0;
}

/* As talk(), of which much may fail. */
static int
live(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
     size_t len)
{
	if (reason == LWS_CALLBACK_RECEIVE)
		return libwebsocket_callback_on_writable(c->side->context,
							 c->wsi) < 0 ? -1 : 0;
	if (reason == LWS_CALLBACK_SERVER_WRITEABLE)
		return flow_text(c, "world") == 5 ? 0 : -1;
	return try_to_talk(c, reason, in, len);
}

/* A life in which an extension ends its connection; was it asked to? */
static bool
is_ended_in(unsigned reason, bool client, enum lws_close_status status)
{
	struct flow_conn *c;
	struct flow f;

	begin(&f);
	x.hook = end_own;
	x.brief = true;
	ending.reason = reason;
	ending.client = client;
	ending.status = status;
	ending.done = false;
	f.hook = live;
	flow_open(&f);
	c = flow_connect(&f, 0, "second");
	if (reason == LWS_EXT_CALLBACK_1HZ)
		f.hook = NULL;
	FLOW_UNTIL(&f, flow_over(c));
	FLOW_UNTIL(&f, !flow_server(&f, 0) || flow_over(flow_server(&f, 0)));
	end(&f);
	assert_int_equal(x.count[1][LWS_EXT_CALLBACK_CLIENT_CONSTRUCT],
			 x.count[1][LWS_EXT_CALLBACK_DESTROY]);
	assert_int_equal(x.count[0][LWS_EXT_CALLBACK_CONSTRUCT],
			 x.count[0][LWS_EXT_CALLBACK_DESTROY]);
	return ending.done;
}

static void
test_an_extension_can_end_its_connection_from_anywhere(void **state)
{
	unsigned n, both;

	(void)state;
	for (n = LWS_EXT_CALLBACK_CONSTRUCT; n < REASONS; n++) {
		both = is_ended_in(n, false, LWS_CLOSE_STATUS_NOSTATUS);
		both += is_ended_in(n, false, LWS_CLOSE_STATUS_NORMAL);
		both += is_ended_in(n, true, LWS_CLOSE_STATUS_NOSTATUS);
		both += is_ended_in(n, true, LWS_CLOSE_STATUS_NORMAL);
		/* the one that talk() gives no reason for */
		if (n != LWS_EXT_CALLBACK_EXTENDED_PAYLOAD_RX)
			assert_true(both >= 2);
	}
}

static int
write_more(struct flow_conn *c, char ext,
	   enum libwebsocket_extension_callback_reasons reason, void *in,
	   size_t len)
{
	(void)in;
	(void)len;
	if (!c || ext != 'b' || (unsigned)reason != ending.reason)
		return 0;
	ending.done = true;
	assert_int_equal(flow_text(c, "more"), -1);
	return 0;
}

static void
test_amid_what_is_sent_nothing_else_is(void **state)
{
	static const unsigned reasons[] = {
		LWS_EXT_CALLBACK_PAYLOAD_TX,
		LWS_EXT_CALLBACK_PACKET_TX_PRESEND,
		LWS_EXT_CALLBACK_PACKET_TX_DO_SEND,
	};
	struct flow_conn *s, *c;
	struct flow f;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(reasons); n++) {
		begin(&f);
		flow_open(&f);
		flow_pair(&f, &s, &c);
		ending.reason = reasons[n];
		ending.done = false;
		x.hook = write_more;
		assert_int_equal(flow_write(c, "", 0, LWS_WRITE_TEXT), 0);
		assert_int_equal(flow_text(c, "hello"), 5);
		assert_true(ending.done);
		x.hook = NULL;
		FLOW_UNTIL(&f, s->got.len >= 5);
		flow_idle(&f, 10);
		assert_int_equal(s->got.len, 5);
		assert_memory_equal(s->got.p, "hello", 5);
		end(&f);
	}
}

/* A whole life with the allocations failing one after the other. */
static void
test_memory_that_fails_ends_one_connection(void **state)
{
	struct flow_conn *c;
	struct flow f;
	bool failed = true;
	long n;

	(void)state;
	for (n = 0; failed; n++) {
		begin(&f);
		f.hook = try_to_talk;
		f.quiet = true;
		x.brief = true;
		flow_open(&f);
		flow_fail_allocation(n);
		c = flow_connect(&f, 0, "second");
		FLOW_UNTIL(&f, !c || flow_over(c));
		FLOW_UNTIL(&f, !flow_server(&f, 0) ||
				       flow_over(flow_server(&f, 0)));
		failed = flow_allocation_failed();
		flow_fail_allocation(-1);
		end(&f);
		assert_int_equal(x.count[1][LWS_EXT_CALLBACK_CLIENT_CONSTRUCT],
				 x.count[1][LWS_EXT_CALLBACK_DESTROY]);
		assert_int_equal(x.count[0][LWS_EXT_CALLBACK_CONSTRUCT],
				 x.count[0][LWS_EXT_CALLBACK_DESTROY]);
	}
	assert_true(n > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_life_is_told_in_order_to_both_roles),
		cmocka_unit_test(
			test_contexts_begin_and_end_as_server_or_client),
		cmocka_unit_test(
			test_a_negative_answer_keeps_a_context_from_being),
		cmocka_unit_test(
			test_all_hear_of_connections_that_have_no_extensions),
		cmocka_unit_test(
			test_who_minds_an_extension_keeps_it_from_being_active),
		cmocka_unit_test(test_more_than_can_be_active_are_declined),
		cmocka_unit_test(test_an_extension_can_keep_a_connection),
		cmocka_unit_test(test_a_peer_that_closes_is_not_asked_about),
		cmocka_unit_test(
			test_payload_goes_through_in_order_and_back_in_reverse),
		cmocka_unit_test(test_on_the_wire_the_last_tag_is_in_front),
		cmocka_unit_test(
			test_payload_can_be_held_until_its_frame_is_whole),
		cmocka_unit_test(test_a_negative_answer_ends_the_connection),
		cmocka_unit_test(
			test_bytes_of_every_frame_can_be_changed_and_cut),
		cmocka_unit_test(
			test_a_flow_that_is_stopped_everywhere_loses_nothing),
		cmocka_unit_test(test_an_extension_can_carry_the_bytes_itself),
		cmocka_unit_test(test_an_extension_can_send_the_answer_itself),
		cmocka_unit_test(
			test_what_is_held_back_goes_out_before_the_close),
		cmocka_unit_test(test_frames_of_unknown_opcodes_are_shown),
		cmocka_unit_test(
			test_an_extension_can_take_a_client_connection_over),
		cmocka_unit_test(test_active_ones_hear_every_second),
		cmocka_unit_test(test_a_request_to_write_can_be_handled),
		cmocka_unit_test(
			test_an_extension_can_end_its_connection_from_anywhere),
		cmocka_unit_test(test_amid_what_is_sent_nothing_else_is),
		cmocka_unit_test(test_memory_that_fails_ends_one_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
