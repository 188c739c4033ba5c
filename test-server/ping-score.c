/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ping-score.c - which ping is it that was answered, and was it the first time?
 *
 * Numbers count from 1 on each connection, so that the ring of those sent
 * latest is indexed by them: a number is known when it has been sent and has
 * not been overwritten since.
 */
#include "ping.h"

void
ping_sent(struct ping_series *series, struct ping_score *score,
	  long long at_us)
{
	size_t slot = (size_t)(++series->count % PING_RING);

	series->sent[slot].at_us = at_us;
	series->sent[slot].answered = false;
	score->sent++;
}

static bool
remembered(const struct ping_series *series, uint64_t number)
{
	return number && number <= series->count &&
	       series->count - number < PING_RING;
}

enum ping_verdict
ping_answered(struct ping_series *series, struct ping_score *score,
	      uint64_t number, long long now, long long *rtt_us)
{
	size_t slot = (size_t)(number % PING_RING);

	*rtt_us = 0;
	if (!remembered(series, number)) {
		score->unknown++;
		return PING_UNKNOWN;
	}
	*rtt_us = now - series->sent[slot].at_us;
	if (series->sent[slot].answered) {
		score->duplicates++;
		return PING_DUPLICATE;
	}
	series->sent[slot].answered = true;
	if (!score->received || *rtt_us < score->rtt_min)
		score->rtt_min = *rtt_us;
	if (*rtt_us > score->rtt_max)
		score->rtt_max = *rtt_us;
	score->rtt_sum += *rtt_us;
	score->received++;
	return PING_KNOWN;
}

void
ping_number_put(unsigned char *payload, uint64_t number, bool text)
{
	int n;

	for (n = 7; n >= 0; n--) {
		payload[n] = (unsigned char)(number & (text ? 0x7f : 0xff));
		number >>= text ? 7 : 8;
	}
}

uint64_t
ping_number_get(const unsigned char *payload, bool text)
{
	uint64_t number = 0;
	int n;

	for (n = 0; n < 8; n++)
		number = number << (text ? 7 : 8) | payload[n];
	return number;
}
