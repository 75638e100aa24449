/*
 * A card that nobody has tuned. Arguments: port, number of writes of an answer (1 or 2).
 */
#include <stdlib.h>

#include "card.h"

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  enum card_manner manner = atoi(argv[2]) == 2 ? CARD_TWO_WRITES : CARD_ORDINARY;
  for (int tries = 0; tries < 500; tries++) { /* the reader needs a moment to listen */
    int fd = card_connect((uint16_t)atoi(argv[1]), manner);
    if (fd >= 0) {
      card_serve(fd, manner);
      return 0;
    }
    usleep(10000);
  }
  return 3;
}
