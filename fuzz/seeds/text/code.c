#include <stdio.h>

/* Main. */
int main(void)
{
  char c = '}';
  return 0;
}
