/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * bench.h - time of something short, told in one line of figures.
 *
 * The best of many runs: what disturbs a run only ever makes it slower.
 */
#ifndef LWS_BENCH_BENCH_H
#define LWS_BENCH_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <time.h>

static inline double
bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* ns that one call of @work(@arg) takes */
static inline double
bench_ns(void (*work)(const void *arg), const void *arg)
{
	const int calls = 2000, runs = 100;
	double best = 0, begin, ns;
	int run, n;

	for (run = 0; run < runs; run++) {
		begin = bench_now();
		for (n = 0; n < calls; n++)
			work(arg);
		ns = (bench_now() - begin) / calls;
		if (!run || ns < best)
			best = ns;
	}
	return best;
}

/* " 1024 B 17.3 ns 59.2 GB/s": one figure of the line */
static inline void
bench_tell(const char *what, size_t len, double ns)
{
	printf("  %s%zu B %.1f ns %.1f GB/s", what, len, ns,
	       (double)len / ns);
}

#endif
