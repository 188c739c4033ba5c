/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ping-screen.c - what test-ping prints, all of it on stderr.
 *
 * Flooding, one line is all there is: a dot for each ping, taken back by its
 * answer, so that the dots that stay are the pings that were lost.
 */
#include "ping.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/ioctl.h>

#include "common.h"

#define WIDTH 80

static struct {
	const char *address;	/* as it was typed */
	char peer[256];		/* what the statistics call it */
	bool flood;
	unsigned int width;
	unsigned int dots;	/* that can be seen now */
	uint64_t outstanding;	/* pings without an answer */
} screen;

static unsigned int
columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_col < 2)
		return WIDTH;
	return size.ws_col;
}

void
ping_screen_begin(const char *address, bool flood)
{
	screen.address = address;
	screen.flood = flood;
	screen.width = columns();
	snprintf(screen.peer, sizeof(screen.peer), "%s", address);
}

void
ping_screen_peer(struct libwebsocket_context *context,
		 struct libwebsocket *wsi, size_t size)
{
	char name[sizeof(screen.peer)], ip[64];

	libwebsockets_get_peer_addresses(context, wsi,
					 libwebsocket_get_socket_fd(wsi),
					 name, (int)sizeof(name), ip,
					 (int)sizeof(ip));
	if (name[0])
		snprintf(screen.peer, sizeof(screen.peer), "%s",
			 printable(name));
	fprintf(stderr, "Websocket PING %s (%s) %zu bytes of data.\n",
		screen.peer, ip, size);
}

void
ping_screen_sent(void)
{
	if (screen.outstanding++ >= screen.width - 1 || !screen.flood)
		return;
	screen.dots++;
	fputc('.', stderr);
}

/* A dot goes with each answer, once as many are seen as are outstanding. */
static void
take_dot_back(enum ping_verdict verdict)
{
	if (verdict == PING_KNOWN && screen.dots <= screen.outstanding)
		return;
	fputs("\b \b", stderr);
	if (verdict != PING_DUPLICATE && screen.dots)
		screen.dots--;
}

void
ping_screen_answer(const struct ping_answer *answer)
{
	if (answer->verdict == PING_KNOWN)
		screen.outstanding--;
	if (answer->verdict == PING_DUPLICATE)
		fputs("DUP! ", stderr);
	if (screen.flood) {
		take_dot_back(answer->verdict);
		return;
	}
	fprintf(stderr, "%zu bytes from %s: req=%" PRIu64 " ", answer->len,
		screen.address, answer->number);
	if (answer->verdict == PING_UNKNOWN)
		fputs("time=(unknown)\n", stderr);
	else
		fprintf(stderr, "time=%lld.%lldms\n", answer->rtt_us / 1000,
			answer->rtt_us / 100 % 10);
}

static double
ms(long long us)
{
	return (double)us / 1000;
}

/* KiB of answers in a second */
static double
bandwidth(const struct ping_summary *summary)
{
	if (summary->elapsed_us <= 0)
		return 0;
	return (double)summary->score->received * (double)summary->size *
	       1e6 / (double)summary->elapsed_us / 1024;
}

void
ping_screen_statistics(const struct ping_summary *summary)
{
	const struct ping_score *score = summary->score;
	uint64_t lost = score->sent - score->received;
	char using[48] = "";

	if (summary->links > 1)
		snprintf(using, sizeof(using), " using %d connections",
			 summary->links);
	fprintf(stderr, "\n--- %s websocket ping statistics%s ---\n",
		screen.peer, using);
	fprintf(stderr, "%" PRIu64 " packets transmitted, %" PRIu64
		" received, %" PRIu64 "%% packet loss, time %lldms\n",
		score->sent, score->received,
		score->sent ? lost * 100 / score->sent : 0,
		summary->elapsed_us / 1000);
	if (score->duplicates || score->unknown)
		fprintf(stderr, "%" PRIu64 " duplicates, %" PRIu64
			" unknown\n", score->duplicates, score->unknown);
	fprintf(stderr, "rtt min/avg/max = %0.3f/%0.3f/%0.3f ms\n",
		ms(score->rtt_min), score->received ?
		ms(score->rtt_sum) / (double)score->received : 0.0,
		ms(score->rtt_max));
	fprintf(stderr, "payload bandwidth average %0.3f KiBytes/sec\n",
		bandwidth(summary));
}
