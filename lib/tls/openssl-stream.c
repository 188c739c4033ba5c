/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * tls/openssl-stream.c - bytes over TLS: one SSL per connection, no more.
 *
 * OpenSSL reads ahead into a buffer it gives back when it is empty, so one
 * system call brings many short records and an idle connection holds none.
 * What it has read and not given out is invisible to poll(), hence pending().
 *
 * A record refused by the socket is tried again with the same bytes at another
 * address, or more of them: the queue above never takes any back.
 */
#include "tls/openssl.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/compiler.h"
#include "base/err.h"
#include "plat/plat.h"

/* largest payload of a record: RFC 8446 section 5.1 */
#define RECORD_MAX 16384

/* what OpenSSL asks the socket for at once, held while it is not empty */
#define READ_AHEAD (32 * 1024)

/* the lowest bit of where an error is kept in the notes */
#define ENDED_UNIT (LWS_STREAM_ENDED / 15)

/* ---- how OpenSSL gets at the socket ---- */

static int
bio_read(BIO *bio, char *buf, int len)
{
	const struct lws_stream *stream = BIO_get_data(bio);
	const ssize_t n = lws_plat_recv(stream->fd, buf, (size_t)len);

	BIO_clear_retry_flags(bio);
	if (lws_likely(n > 0))
		return (int)n;
	if (n == LWS_ERR_AGAIN)
		BIO_set_retry_read(bio);
	else if (!n)
		BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
	return n ? -1 : 0;
}

static int
bio_write(BIO *bio, const char *buf, int len)
{
	const struct lws_stream *stream = BIO_get_data(bio);
	const struct lws_span v = lws_span(buf, (size_t)len);
	const ssize_t n = lws_plat_sendv(stream->fd, &v, 1);

	BIO_clear_retry_flags(bio);
	if (n == LWS_ERR_AGAIN)
		BIO_set_retry_write(bio);
	return n < 0 ? -1 : (int)n;
}

static long
bio_ctrl(BIO *bio, int what, long number, void *arg)
{
	(void)number;
	(void)arg;
	switch (what) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_EOF:
		return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
	default:
		return 0;
	}
}

BIO_METHOD *
lws_tls_bio_new(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "lws_stream");

	if (m && BIO_meth_set_read(m, bio_read) == 1 &&
	    BIO_meth_set_write(m, bio_write) == 1 &&
	    BIO_meth_set_ctrl(m, bio_ctrl) == 1)
		return m;
	BIO_meth_free(m);
	return NULL;
}

/* The kernel takes TLS over only from OpenSSL's own kind of BIO. */
static bool
connect_bio(struct lws_tls *tls, SSL *ssl, struct lws_stream *stream)
{
	BIO *bio;

	if (tls->options & LWS_SERVER_OPTION_KTLS)
		return SSL_set_fd(ssl, stream->fd) == 1;
	bio = BIO_new(tls->bio);
	if (!bio)
		return false;
	BIO_set_data(bio, stream);
	BIO_set_init(bio, 1);
	SSL_set_bio(ssl, bio, bio);
	return true;
}

int
lws_tls_attach(struct lws_tls *tls, SSL_CTX *ctx, struct lws_stream *stream)
{
	SSL *ssl = SSL_new(ctx);

	ERR_clear_error();
	if (!ssl || !connect_bio(tls, ssl, stream)) {
		SSL_free(ssl);
		return LWS_ERR_NOMEM;
	}
	SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE |
			  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
			  SSL_MODE_RELEASE_BUFFERS);
	if (!(tls->options & LWS_SERVER_OPTION_KTLS)) {
		SSL_set_read_ahead(ssl, 1);
		SSL_set_default_read_buffer_len(ssl, READ_AHEAD);
	}
	stream->tls = ssl;
	stream->ops = &lws_transport_tls;
	stream->notes = 0;
	return 0;
}

/* ---- the transport ---- */

/*
 * The result of a call that returned @ok <= 0; @crossed is what to note when
 * it lacks the readiness of the other direction.
 */
static int
outcome(struct lws_stream *stream, int ok, int crossed)
{
	switch (SSL_get_error(stream->tls, ok)) {
	case SSL_ERROR_WANT_READ:
		stream->want = POLLIN;
		break;
	case SSL_ERROR_WANT_WRITE:
		stream->want = POLLOUT;
		break;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	case SSL_ERROR_SSL:
		return LWS_ERR_PROTOCOL;
	default:
		return LWS_ERR_IO;
	}
	if (stream->want != (crossed & LWS_STREAM_TX_IN ? POLLOUT : POLLIN))
		stream->notes |= (uint8_t)crossed;
	return LWS_ERR_AGAIN;
}

static void
note(struct lws_stream *stream, int bit, bool on)
{
	stream->notes = (uint8_t)(on ? stream->notes | bit
				     : stream->notes & ~bit);
}

static int
tls_handshake(struct lws_stream *stream)
{
	SSL *ssl = stream->tls;
	int ok, rc;

	ERR_clear_error();
	errno = 0;
	note(stream, LWS_STREAM_RX_OUT, false);
	ok = SSL_do_handshake(ssl);
	if (ok == 1) {
		note(stream, LWS_STREAM_HIDDEN, SSL_has_pending(ssl));
		return lws_tls_client_check(ssl);
	}
	rc = outcome(stream, ok, LWS_STREAM_RX_OUT);
	return rc ? rc : LWS_ERR_CLOSED;
}

/*
 * An error in the midst of a connection.  Not everybody who calls has words for
 * it; who has may still ask lws_tls_why().
 */
static LWS_NOINLINE int
broken(struct lws_stream *stream, int rc)
{
	const bool cut = ERR_GET_REASON(ERR_peek_error()) ==
			 SSL_R_UNEXPECTED_EOF_WHILE_READING;

	if (cut && SSL_get_shutdown(stream->tls) & SSL_SENT_SHUTDOWN)
		return LWS_ERR_CLOSED;
	if (cut)
		lwsl_info("TLS: truncated: the peer closed without "
			  "close_notify\n");
	else
		lwsl_info("TLS: %s\n", lws_tls_reason());
	return cut ? LWS_ERR_CLOSED : rc;
}

/*
 * What ended input counts once the bytes before it are taken.  OpenSSL repeats
 * a goodbye, but tells an error only once.
 */
static void
tell_later(struct lws_stream *stream, int rc)
{
	stream->notes |= (uint8_t)(LWS_STREAM_HIDDEN | -rc * ENDED_UNIT);
}

static ssize_t
tls_recv(struct lws_stream *stream, void *buf, size_t len)
{
	SSL *ssl = stream->tls;
	size_t got = 0, n;
	int ok, rc;

	ERR_clear_error();
	errno = 0;
	note(stream, LWS_STREAM_RX_OUT | LWS_STREAM_HIDDEN, false);
	if (lws_unlikely(stream->notes & LWS_STREAM_ENDED))
		return -(stream->notes / ENDED_UNIT);
	do {
		ok = SSL_read_ex(ssl, (char *)buf + got, len - got, &n);
		if (ok != 1)
			break;
		got += n;
	} while (got < len && SSL_has_pending(ssl));
	if (ok == 1) {
		note(stream, LWS_STREAM_HIDDEN, got == len);
		return (ssize_t)got;
	}
	rc = outcome(stream, ok, LWS_STREAM_RX_OUT);
	if (rc && rc != LWS_ERR_AGAIN)
		rc = broken(stream, rc);
	if (!got)
		return rc;
	if (rc != LWS_ERR_AGAIN)
		tell_later(stream, rc);
	return (ssize_t)got;
}

/* where in a list of spans */
struct cursor {
	const struct lws_span *v;
	size_t n;	/* spans left, the one at @v included */
	size_t off;	/* bytes of it that are done */
};

static void
advance(struct cursor *at, size_t done)
{
	while (at->n && done >= at->v->len - at->off) {
		done -= at->v->len - at->off;
		at->off = 0;
		at->v++;
		at->n--;
	}
	at->off += done;
}

/* The next record: one span's bytes as they lie, or several gathered. */
static struct lws_span
next_record(const struct cursor *at, uint8_t *gathered)
{
	struct lws_span first = *at->v;
	size_t len = 0, n, off = at->off;

	lws_span_skip(&first, off);
	if (at->n == 1 || first.len >= RECORD_MAX)
		return lws_span_take(&first, RECORD_MAX);
	for (n = 0; n < at->n && len < RECORD_MAX; n++) {
		struct lws_span s = at->v[n];

		lws_span_skip(&s, off);
		off = 0;
		s = lws_span_take(&s, RECORD_MAX - len);
		if (s.len)
			memcpy(gathered + len, s.p, s.len);
		len += s.len;
	}
	return lws_span(gathered, len);
}

static ssize_t
tls_sendv(struct lws_stream *stream, const struct lws_span *v, size_t n)
{
	struct cursor at = { .v = v, .n = n };
	uint8_t gathered[RECORD_MAX];
	size_t sent = 0, done;
	int rc;

	ERR_clear_error();
	errno = 0;
	note(stream, LWS_STREAM_TX_IN, false);
	advance(&at, 0);
	while (at.n) {
		const struct lws_span record = next_record(&at, gathered);

		if (SSL_write_ex(stream->tls, record.p, record.len, &done) != 1)
			break;
		sent += done;
		advance(&at, done);
	}
	if (!at.n)
		return (ssize_t)sent;
	rc = outcome(stream, 0, LWS_STREAM_TX_IN);
	if (sent)
		return (ssize_t)sent;
	if (rc == LWS_ERR_AGAIN)
		return rc;
	return broken(stream, rc ? rc : LWS_ERR_IO);
}

static bool
tls_pending(const struct lws_stream *stream)
{
	return stream->notes & LWS_STREAM_HIDDEN;
}

/* close_notify, as far as the socket takes it without waiting */
static void
say_goodbye(struct lws_stream *stream)
{
	SSL *ssl = stream->tls;

	ERR_clear_error();
	if (!SSL_in_init(ssl) && !(SSL_get_shutdown(ssl) & SSL_SENT_SHUTDOWN))
		SSL_shutdown(ssl);
	ERR_clear_error();
}

void
lws_tls_mute(struct lws_stream *stream)
{
	if (stream->tls)
		SSL_set_quiet_shutdown(stream->tls, 1);
}

static void
tls_finish(struct lws_stream *stream)
{
	say_goodbye(stream);
	lws_plat_shutdown(stream->fd);
}

static void
tls_close(struct lws_stream *stream)
{
	SSL *ssl = stream->tls;

	say_goodbye(stream);
	lws_tls_client_forget(ssl);
	SSL_free(ssl);
	stream->tls = NULL;
	stream->notes = 0;
	lws_transport_plain.close(stream);
}

const struct lws_transport_ops lws_transport_tls = {
	.name = "TLS",
	.handshake = tls_handshake,
	.recv = tls_recv,
	.sendv = tls_sendv,
	.pending = tls_pending,
	.finish = tls_finish,
	.close = tls_close,
};

void
lws_tls_describe(const struct lws_stream *stream, char *text, size_t len)
{
	SSL *ssl = stream->tls;

	snprintf(text, len, "%s %s%s", SSL_get_version(ssl),
		 SSL_get_cipher_name(ssl),
		 SSL_session_reused(ssl) ? ", resumed" : "");
}
