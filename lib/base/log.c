/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * base/log.c - levels and the sink.
 *
 * One mask and one sink for the process.  A line is formatted on the stack,
 * cut to 255 characters and handed over in one call; the default sink puts a
 * time and a tag in front and writes it to stderr.
 */
#include "libwebsockets.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/time.h>

#include "base/buf.h"
#include "base/size.h"

/* what is formatted of a line, with its NUL; and of a time and a tag */
#define LINE_SIZE   256
#define PREFIX_SIZE 64

#define DUMP_WIDTH 16

static const char *const tags[LLL_COUNT] = {
	"ERR", "WARN", "NOTICE", "INFO", "DEBUG",
	"PARSER", "HEADER", "EXTENSION", "CLIENT", "LATENCY",
};

/* "[1700000000:1234] WARN: "; a level without a name goes without a tag */
static void
make_prefix(int level, char prefix[PREFIX_SIZE])
{
	struct timeval now = { 0, 0 };
	int n;

	gettimeofday(&now, NULL);
	for (n = 0; n < LLL_COUNT && !(level >> n & 1); n++)
		;
	snprintf(prefix, PREFIX_SIZE, "[%lld:%04d] %s%s",
		 (long long)now.tv_sec, (int)(now.tv_usec / 100),
		 n < LLL_COUNT ? tags[n] : "", n < LLL_COUNT ? ": " : "");
}

static void
emit_stderr(int level, const char *line)
{
	char prefix[PREFIX_SIZE];

	make_prefix(level, prefix);
	fprintf(stderr, "%s%s", prefix, line);
}

/* Any thread logs while another one sets this: each member is atomic. */
static struct {
	int mask;
	void (*emit)(int level, const char *line);
	void (*emit_era100)(const char *line);
} sink = { LLL_ERR | LLL_WARN | LLL_NOTICE, emit_stderr, NULL };

static bool
wanted(int level)
{
	return __atomic_load_n(&sink.mask, __ATOMIC_RELAXED) & level;
}

/* Programs of the first era got the prefix too, and no level. */
static void
emit_whole(int level, const char *line)
{
	char whole[PREFIX_SIZE + LINE_SIZE], prefix[PREFIX_SIZE];

	make_prefix(level, prefix);
	snprintf(whole, sizeof(whole), "%s%s", prefix, line);
	__atomic_load_n(&sink.emit_era100, __ATOMIC_RELAXED)(whole);
}

void
lws_set_log_level(int level, void (*emit)(int level, const char *line))
{
	__atomic_store_n(&sink.mask, level, __ATOMIC_RELAXED);
	if (emit)
		__atomic_store_n(&sink.emit, emit, __ATOMIC_RELAXED);
}

void
lws_set_log_level_era100(int level, void (*emit)(const char *line))
{
	__atomic_store_n(&sink.mask, level, __ATOMIC_RELAXED);
	if (!emit)
		return;
	__atomic_store_n(&sink.emit_era100, emit, __ATOMIC_RELAXED);
	__atomic_store_n(&sink.emit, emit_whole, __ATOMIC_RELEASE);
}

void
_lws_logv(int filter, const char *format, va_list args)
{
	char line[LINE_SIZE];

	if (!wanted(filter))
		return;
	if (vsnprintf(line, sizeof(line), format, args) < 0)
		return;
	__atomic_load_n(&sink.emit, __ATOMIC_ACQUIRE)(filter, line);
}

void
_lws_log(int filter, const char *format, ...)
{
	va_list args;

	if (!wanted(filter))
		return;
	va_start(args, format);
	_lws_logv(filter, format, args);
	va_end(args);
}

/* One line: offset, bytes in hex, a gap, what can be read of them. */
static void
dump_line(const uint8_t *bytes, size_t offset, size_t len)
{
	char text[LINE_SIZE];
	struct lws_buf b;
	size_t n;

	lws_buf_init(&b, text, sizeof(text));
	lws_buf_printf(&b, "%04lX: ", (unsigned long)offset);
	for (n = 0; n < DUMP_WIDTH; n++) {
		if (n < len)
			lws_buf_printf(&b, "%02X ", bytes[n]);
		else
			lws_buf_puts(&b, "   ");
	}
	lws_buf_puts(&b, "   ");
	for (n = 0; n < len; n++) {
		const bool ascii = bytes[n] >= 0x20 && bytes[n] < 0x7f;

		lws_buf_put(&b, ascii ? (const char *)&bytes[n] : ".", 1);
	}
	_lws_log(LLL_DEBUG, "%.*s\n", (int)b.len, text);
}

/* In parentheses: builds without _DEBUG have a macro of this name. */
void
(lwsl_hexdump)(void *buf, size_t len)
{
	const uint8_t *bytes = buf;
	size_t at;

	if (!LWS_BUILT_DEBUG || !wanted(LLL_DEBUG))
		return;
	for (at = 0; at < len; at += DUMP_WIDTH)
		dump_line(bytes + at, at, lws_min(len - at, DUMP_WIDTH));
}
