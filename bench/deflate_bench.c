/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * deflate_bench.c - what zlib alone needs for an echo without context takeover.
 *
 *	deflate_bench [-s SIZE] [-l LEVEL] [-m MEM_LEVEL] [-w WINDOW_BITS]
 *	              [-n MESSAGES]
 *
 * Inflates a compressed message and compresses what came out, again and again,
 * with one stream each way that is reset between messages: the least that a
 * server can do which returns messages of SIZE bytes by permessage-deflate, and
 * so the limit for ours.  Times are of the process's own CPU.  With MESSAGES it
 * does exactly so many, for counting instructions:
 *	GLIBC_TUNABLES=glibc.cpu.x86_rep_stosb_threshold=1000000 \
 *	valgrind --tool=callgrind --toggle-collect=echo deflate_bench -n 1000
 * (A memset by one "rep stosb", as of the 64 KiB that deflateReset() clears,
 * would count as many instructions as bytes.)
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "records.h"

#define SIZE_MAX_BYTES (1 << 20)
#define ROUNDS 15
#define ROUND_SECONDS 0.2
#define CLIENT_LEVEL 6

static struct {
	int size;
	int level;
	int mem_level;
	int window_bits;
	int messages;		/* 0: as many as take their time */
} options = { 1024, 1, 8, 15, 0 };

/* a message as it is, as the client sends it, and as it is returned */
static unsigned char plain[SIZE_MAX_BYTES];
static unsigned char wire[2 * SIZE_MAX_BYTES], back[2 * SIZE_MAX_BYTES];
static size_t wire_len, back_len;

static z_stream inflater, deflater;

static void
must(int rc, int wanted, const char *what)
{
	if (rc == wanted)
		return;
	fprintf(stderr, "deflate_bench: %s: %d\n", what, rc);
	exit(1);
}

/* One message in and out; RFC 7692 drops the end of a flush from each. */
__attribute__((noinline)) static void
echo(void)
{
	static unsigned char end[] = { 0, 0, 0xff, 0xff };
	static unsigned char text[SIZE_MAX_BYTES + 1];

	inflater.next_in = wire;
	inflater.avail_in = (uInt)wire_len;
	inflater.next_out = text;
	inflater.avail_out = sizeof(text);
	must(inflate(&inflater, Z_SYNC_FLUSH), Z_OK, "inflate");
	inflater.next_in = end;
	inflater.avail_in = sizeof(end);
	must(inflate(&inflater, Z_SYNC_FLUSH), Z_OK, "inflate");

	deflater.next_in = text;
	deflater.avail_in = (uInt)(sizeof(text) - inflater.avail_out);
	must(inflateReset(&inflater), Z_OK, "inflateReset");
	deflater.next_out = back;
	deflater.avail_out = sizeof(back);
	must(deflate(&deflater, Z_SYNC_FLUSH), Z_OK, "deflate");
	back_len = sizeof(back) - deflater.avail_out - sizeof(end);
	must(deflateReset(&deflater), Z_OK, "deflateReset");
}

/* What the client sends: compressed as a client does, whatever we do. */
static void
prepare(void)
{
	z_stream client = { .next_in = plain };

	records_fill(plain, (size_t)options.size);
	must(deflateInit2(&client, CLIENT_LEVEL, Z_DEFLATED, -15, 8,
			  Z_DEFAULT_STRATEGY), Z_OK, "deflateInit2");
	client.avail_in = (uInt)options.size;
	client.next_out = wire;
	client.avail_out = sizeof(wire);
	must(deflate(&client, Z_SYNC_FLUSH), Z_OK, "deflate");
	wire_len = sizeof(wire) - client.avail_out - 4;
	deflateEnd(&client);

	must(inflateInit2(&inflater, -15), Z_OK, "inflateInit2");
	must(deflateInit2(&deflater, options.level, Z_DEFLATED,
			  -options.window_bits, options.mem_level,
			  Z_DEFAULT_STRATEGY), Z_OK, "deflateInit2");
}

static double
cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* messages per CPU second */
static double
round_of(void)
{
	double begin = cpu_now(), spent;
	int n, count = 0;

	do {
		for (n = 0; n < 64; n++)
			echo();
		count += n;
		spent = cpu_now() - begin;
	} while (spent < ROUND_SECONDS);
	return count / spent;
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void
measure(void)
{
	double got[ROUNDS];
	int n;

	for (n = 0; n < ROUNDS; n++)
		got[n] = round_of();
	qsort(got, ROUNDS, sizeof(*got), ascending);
	printf("deflate  %d B level %d mem %d window %d  in %zu B out %zu B  "
	       "%.0f messages per CPU second [%.0f..%.0f]\n", options.size,
	       options.level, options.mem_level, options.window_bits, wire_len,
	       back_len, got[ROUNDS / 2], got[0], got[ROUNDS - 1]);
}

static int
number(const char *text, int min, int max)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end != text && !*end && n >= min && n <= max)
		return (int)n;
	fprintf(stderr, "deflate_bench: '%s' is not from %d to %d\n", text,
		min, max);
	exit(1);
}

int
main(int argc, char **argv)
{
	int letter, n;

	while ((letter = getopt(argc, argv, "s:l:m:w:n:")) >= 0)
		switch (letter) {
		case 's':
			options.size = number(optarg, 1, SIZE_MAX_BYTES);
			break;
		case 'l':
			options.level = number(optarg, 1, 9);
			break;
		case 'm':
			options.mem_level = number(optarg, 1, 9);
			break;
		case 'w':
			options.window_bits = number(optarg, 9, 15);
			break;
		case 'n':
			options.messages = number(optarg, 1, 1 << 30);
			break;
		default:
			return 1;
		}
	prepare();
	for (n = 0; n < options.messages; n++)
		echo();
	if (!options.messages)
		measure();
	inflateEnd(&inflater);
	deflateEnd(&deflater);
	return 0;
}
