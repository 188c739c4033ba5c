/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * tls_echo.c - the least an echo server over OpenSSL can do: the limit.
 *
 *	tls_echo [-r] [-t TICKETS] PORT CERT KEY
 *
 * epoll, SSL_read(), SSL_write() and nothing between them but what a load
 * generator needs: one answer to the request, which has to come in one piece,
 * and frames sent back without their mask.  Nothing is checked.  Buffers are
 * released when idle, as in the library.  With -r OpenSSL asks the socket for
 * each record's header and body apart, as it does by itself; with -t it gives
 * that many tickets to a client of TLS 1.3, two by itself.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define EVENTS 512
#define ROOM   (64 * 1024)	/* bytes taken in at once */
#define HEADER 14		/* the longest header of a frame */

#define OP_CLOSE 0x8
#define OP_PING	 0x9
#define OP_PONG	 0xa

struct conn {
	SSL *ssl;
	int fd;
	bool open, closing;
	uint8_t have;		/* bytes of the header */
	uint8_t header[HEADER];
	unsigned phase;		/* in the mask, which ends the header */
	uint32_t watched;
	uint64_t left;		/* payload to come */
	uint8_t *held;		/* what the socket refused */
	size_t held_len;
};

static volatile sig_atomic_t stop;
static int epoll_fd;
static uint8_t input[ROOM], output[ROOM + HEADER];

static void
on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void
drop(struct conn *c)
{
	if (!SSL_in_init(c->ssl))
		SSL_shutdown(c->ssl);
	ERR_clear_error();
	SSL_free(c->ssl);
	close(c->fd);
	free(c->held);
	free(c);
}

static void
watch(struct conn *c, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = c };

	if (c->watched != events)
		epoll_ctl(epoll_fd, c->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
			  c->fd, &ev);
	c->watched = events;
}

/* 0 when the socket was only not ready, with what is missing awaited */
static int
refused(struct conn *c, int result)
{
	switch (SSL_get_error(c->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		watch(c, EPOLLIN);
		return 0;
	case SSL_ERROR_WANT_WRITE:
		watch(c, EPOLLOUT);
		return 0;
	default:
		return -1;
	}
}

/* ---- out ---- */

static int
hold(struct conn *c, const uint8_t *p, size_t len)
{
	uint8_t *held = malloc(len);

	if (!held)
		return -1;
	memcpy(held, p, len);
	free(c->held);
	c->held = held;
	c->held_len = len;
	return 0;
}

static int
send_out(struct conn *c, const uint8_t *p, size_t len)
{
	size_t done = 0, n;

	while (done < len) {
		if (SSL_write_ex(c->ssl, p + done, len - done, &n) != 1)
			return refused(c, 0) < 0 ? -1 :
			       hold(c, p + done, len - done);
		done += n;
	}
	return 0;
}

static int
flush(struct conn *c)
{
	uint8_t *held = c->held;
	int rc;

	c->held = NULL;
	rc = send_out(c, held, c->held_len);
	free(held);
	if (!c->held)
		watch(c, EPOLLIN);
	return rc;
}

/* ---- frames ---- */

static void
unmask(uint8_t *to, const uint8_t *from, size_t len, const uint8_t mask[8])
{
	uint64_t m, v;
	size_t n = 0;

	memcpy(&m, mask, 8);
	for (; n + 8 <= len; n += 8) {
		memcpy(&v, from + n, 8);
		v ^= m;
		memcpy(to + n, &v, 8);
	}
	for (; n < len; n++)
		to[n] = from[n] ^ mask[n & 7];
}

static size_t
header_len(const struct conn *c)
{
	const unsigned len = c->header[1] & 127;

	if (c->have < 2)
		return 2;
	return len == 127 ? 14 : len == 126 ? 8 : 6;
}

/* The header is complete: the one to send is the same but for the mask. */
static size_t
begin(struct conn *c, uint8_t *to)
{
	const size_t len = c->have - 4u;
	const unsigned opcode = c->header[0] & 15;
	size_t n;

	c->left = c->header[1] & 127;
	if (len > 2)
		for (c->left = 0, n = 2; n < len; n++)
			c->left = c->left << 8 | c->header[n];
	memcpy(to, c->header, len);
	to[1] &= 127;
	if (opcode == OP_PING)
		to[0] ^= OP_PING ^ OP_PONG;
	c->closing |= opcode == OP_CLOSE;
	c->phase = 0;
	return len;
}

static size_t
payload(struct conn *c, uint8_t *to, const uint8_t *from, size_t len)
{
	const uint8_t *mask = c->header + c->have - 4;
	uint8_t turned[8];
	unsigned n;

	if (len > c->left)
		len = (size_t)c->left;
	for (n = 0; n < 8; n++)
		turned[n] = mask[(c->phase + n) & 3];
	unmask(to, from, len, turned);
	c->phase = (unsigned)(c->phase + len) & 3;
	c->left -= len;
	return len;
}

/* What to send for the input; a piece of a header stays behind. */
static size_t
echo(struct conn *c, size_t len)
{
	const uint8_t *p = input, *end = input + len;
	uint8_t *to = output;
	size_t n;

	while (p < end) {
		while (p < end && c->have < header_len(c)) {
			c->header[c->have++] = *p++;
			if (c->have > 2 && c->have == header_len(c))
				to += begin(c, to);
		}
		n = c->left ? payload(c, to, p, (size_t)(end - p)) : 0;
		p += n;
		to += n;
		if (c->have > 2 && c->have == header_len(c) && !c->left)
			c->have = 0;
	}
	return (size_t)(to - output);
}

/* ---- the one request ---- */

/* The value of the header @name in the request, NULL when it has none. */
static const char *
value(const char *name)
{
	const char *p = strstr((const char *)input, name);

	return p ? p + strlen(name) : NULL;
}

static size_t
answer(struct conn *c, size_t len)
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	char text[24 + sizeof(guid)];
	uint8_t digest[SHA_DIGEST_LENGTH], accept[32];
	const char *key, *protocol;
	int n;

	input[len] = '\0';
	key = value("\r\nSec-WebSocket-Key: ");
	protocol = value("\r\nSec-WebSocket-Protocol: ");
	if (!key || strlen(key) < 24 || !strstr(key, "\r\n\r\n"))
		return 0;
	memcpy(text, key, 24);
	memcpy(text + 24, guid, sizeof(guid));
	SHA1((const uint8_t *)text, strlen(text), digest);
	EVP_EncodeBlock(accept, digest, sizeof(digest));
	n = snprintf((char *)output, ROOM,
		     "HTTP/1.1 101 Switching Protocols\r\n"
		     "Upgrade: websocket\r\nConnection: Upgrade\r\n"
		     "Sec-WebSocket-Accept: %s\r\n%s%.*s%s\r\n",
		     (const char *)accept,
		     protocol ? "Sec-WebSocket-Protocol: " : "",
		     protocol ? (int)strcspn(protocol, ", \r") : 0,
		     protocol ? protocol : "", protocol ? "\r\n" : "");
	c->open = true;
	return (size_t)n;
}

/* ---- in ---- */

/* Bytes read, 0 when there are none yet, -1 when the connection is over. */
static int
fill(struct conn *c)
{
	size_t got = 0, n;

	do {
		if (SSL_read_ex(c->ssl, input + got, ROOM - 1 - got, &n) != 1) {
			if (!got)
				return refused(c, 0);
			ERR_clear_error();
			break;
		}
		got += n;
	} while (got < ROOM - 1 && SSL_has_pending(c->ssl));
	return (int)got;
}

static int
ready(struct conn *c)
{
	size_t len;
	int n;

	if (c->held && (flush(c) < 0 || c->held))
		return c->held ? 0 : -1;
	do {
		if (c->closing)
			return -1;
		n = fill(c);
		if (n <= 0)
			return n;
		watch(c, EPOLLIN);
		len = c->open ? echo(c, (size_t)n) : answer(c, (size_t)n);
		if ((!len && !c->open) || send_out(c, output, len) < 0)
			return -1;
	} while (!c->held && (c->closing || SSL_has_pending(c->ssl)));
	return 0;
}

static void
welcome(int listener, SSL_CTX *ctx)
{
	int fd, one = 1;

	while ((fd = accept4(listener, NULL, NULL,
			     SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct conn *c = calloc(1, sizeof(*c));
		SSL *ssl = SSL_new(ctx);

		if (!c || !ssl || SSL_set_fd(ssl, fd) != 1)
			exit(1);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		SSL_set_accept_state(ssl);
		c->ssl = ssl;
		c->fd = fd;
		watch(c, EPOLLIN);
	}
}

/* ---- the program ---- */

static SSL_CTX *
open_tls(const char *cert, const char *key)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (!ctx || SSL_CTX_use_certificate_chain_file(ctx, cert) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1) {
		ERR_print_errors_fp(stderr);
		exit(1);
	}
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION |
				 SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
			      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
			      SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(ctx, 1);
	return ctx;
}

static int
listen_on(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event ev = { .events = EPOLLIN };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1;

	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) ||
	    listen(fd, 4096) ||
	    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &ev)) {
		perror("tls_echo");
		exit(1);
	}
	return fd;
}

static void
serve(int listener, SSL_CTX *ctx)
{
	struct epoll_event ev[EVENTS];
	int count, n;

	while (!stop) {
		count = epoll_wait(epoll_fd, ev, EVENTS, -1);
		for (n = 0; n < count; n++) {
			struct conn *c = ev[n].data.ptr;

			if (!c)
				welcome(listener, ctx);
			else if (ready(c) < 0)
				drop(c);
		}
	}
}

static void
prepare_process(void)
{
	const struct sigaction ending = { .sa_handler = on_signal };
	struct rlimit limit;

	sigaction(SIGINT, &ending, NULL);
	sigaction(SIGTERM, &ending, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int
main(int argc, char **argv)
{
	int c, tickets = -1, ahead = 1;
	SSL_CTX *ctx;

	while ((c = getopt(argc, argv, "rt:")) >= 0)
		if (c == 'r')
			ahead = 0;
		else if (c == 't')
			tickets = atoi(optarg);
		else
			return 2;
	if (argc - optind != 3) {
		fprintf(stderr, "usage: tls_echo [-r] [-t TICKETS] "
				"PORT CERT KEY\n");
		return 2;
	}
	prepare_process();
	ctx = open_tls(argv[optind + 1], argv[optind + 2]);
	SSL_CTX_set_read_ahead(ctx, ahead);
	if (tickets >= 0)
		SSL_CTX_set_num_tickets(ctx, (size_t)tickets);
	serve(listen_on(atoi(argv[optind])), ctx);
	SSL_CTX_free(ctx);
	return 0;
}
