/* Time of a loop, as each rival measures itself. */
#ifndef CLOCK_H
#define CLOCK_H
#include <time.h>

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}
#endif
