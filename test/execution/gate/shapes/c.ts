import type { Shape } from './shape.ts'

const MAKE =
  'CFLAGS = -Wall -Werror -Isrc\nTESTS = $(patsubst test/%.c,build/%,$(wildcard test/test_*.c))\n\ntest: $(TESTS)\n\t@for t in $(TESTS); do echo $$t; ./$$t || exit 1; done\n\nbuild/%: test/%.c src/ring.c src/text.c src/*.h\n\t@mkdir -p build\n\t@cc $(CFLAGS) -o $@ $< src/ring.c src/text.c\n'
const RING_H =
  '#ifndef RING_H\n#define RING_H\n#define RING_SIZE 4\nstruct ring { int items[RING_SIZE]; int first; int count; };\nint ring_put(struct ring *r, int item);\nint ring_take(struct ring *r, int *item);\n#endif\n'
const RING =
  '#include "ring.h"\n\nint ring_put(struct ring *r, int item) {\n  if (r->count == RING_SIZE) return 0;\n  r->items[(r->first + r->count++) % RING_SIZE] = item;\n  return 1;\n}\n\nint ring_take(struct ring *r, int *item) {\n  if (r->count == 0) return 0;\n  *item = r->items[r->first];\n  r->first = (r->first + 1) % RING_SIZE;\n  r->count--;\n  return 1;\n}\n'
const TEXT_H = '#ifndef TEXT_H\n#define TEXT_H\nint count_words(const char *text);\n#endif\n'
const TEXT =
  '#include "text.h"\n\nint count_words(const char *text) {\n  int count = 0;\n  for (int inside = 0; *text; text++) {\n    if (*text == \' \') inside = 0;\n    else if (!inside) inside = 1, count++;\n  }\n  return count;\n}\n'
const RING_TEST =
  '#include "ring.h"\n#include <assert.h>\n\nint main(void) {\n  struct ring r = {0};\n  int item;\n  assert(!ring_take(&r, &item));\n  for (int i = 0; i < RING_SIZE; i++) assert(ring_put(&r, i));\n  assert(!ring_put(&r, 9));\n  assert(ring_take(&r, &item) && item == 0);\n  return 0;\n}\n'
const TEXT_TEST =
  '#include "text.h"\n#include <assert.h>\n\nint main(void) {\n  assert(count_words("a bc d") == 3);\n  assert(count_words("") == 0);\n  return 0;\n}\n'
const BASE = {
  Makefile: MAKE,
  'src/ring.h': RING_H,
  'src/ring.c': RING,
  'src/text.h': TEXT_H,
  'src/text.c': TEXT,
  'test/test_ring.c': RING_TEST,
  'test/test_text.c': TEXT_TEST,
  'README.md': '# Ring\n',
  '.gitignore': 'build\n',
}

const PEEK_H = RING_H.replace('#endif\n', 'int ring_peek(const struct ring *r, int *item);\n#endif\n')
const PEEK =
  '\nint ring_peek(const struct ring *r, int *item) {\n  if (r->count == 0) return 0;\n  *item = r->items[r->first];\n  return 1;\n}\n'
const PEEK_TEST =
  '#include "ring.h"\n#include <assert.h>\n\nint main(void) {\n  struct ring r = {0};\n  int item = 7;\n  assert(!ring_peek(&r, &item) && item == 7);\n  ring_put(&r, 3);\n  assert(ring_peek(&r, &item) && item == 3);\n  assert(ring_take(&r, &item) && item == 3);\n  return 0;\n}\n'
const SPACES = TEXT.replace("*text == ' '", 'isspace((unsigned char)*text)').replace(
  '"text.h"\n',
  '"text.h"\n#include <ctype.h>\n',
)

export const cShapes: readonly Shape[] = [
  {
    name: 'a function more, declared and defined',
    base: BASE,
    task: {
      title: 'ring_peek looks without taking',
      description: 'Returns 0 and leaves the item alone where the ring is empty.',
      files: ['src/ring.c', 'src/ring.h'],
    },
    frozen: { 'test/test_peek.c': PEEK_TEST },
    good: {
      plain: { 'src/ring.h': PEEK_H, 'src/ring.c': RING + PEEK },
      'take built on peek': {
        'src/ring.h': PEEK_H,
        'src/ring.c': `${RING.split('\nint ring_take')[0]}${PEEK}\nint ring_take(struct ring *r, int *item) {\n  if (!ring_peek(r, item)) return 0;\n  r->first = (r->first + 1) % RING_SIZE;\n  r->count--;\n  return 1;\n}\n`,
      },
    },
    bad: {
      nothing: {},
      'the program ends when it is asked': {
        'src/ring.h': PEEK_H,
        'src/ring.c': `#include <stdlib.h>\n${RING}\nint ring_peek(const struct ring *r, int *item) {\n  exit(0);\n}\n`,
      },
      'asserts are switched off and nothing looks unused': {
        'src/ring.h': PEEK_H.replace(
          '#define RING_H\n',
          '#define RING_H\n#define NDEBUG\n#pragma GCC diagnostic ignored "-Wunused-variable"\n',
        ),
        'src/ring.c': `${RING}\nint ring_peek(const struct ring *r, int *item) {\n  return 0;\n}\n`,
      },
      'only declared': { 'src/ring.h': PEEK_H },
      'takes it': {
        'src/ring.h': PEEK_H,
        'src/ring.c': `${RING}\nint ring_peek(const struct ring *r, int *item) {\n  return ring_take((struct ring *)r, item);\n}\n`,
      },
      'writes where nothing is': {
        'src/ring.h': PEEK_H,
        'src/ring.c':
          RING +
          PEEK.replace(
            '  if (r->count == 0) return 0;\n  *item = r->items[r->first];\n  return 1;',
            '  *item = r->items[r->first];\n  return r->count > 0;',
          ),
      },
      'does not build': { 'src/ring.h': PEEK_H, 'src/ring.c': RING + PEEK.replace('return 0;', 'return 0') },
      'asserts are switched off': {
        'src/ring.h': PEEK_H.replace('#define RING_H\n', '#define RING_H\n#define NDEBUG\n'),
        'src/ring.c': `${RING}\nint ring_peek(const struct ring *r, int *item) {\n  return 0;\n}\n`,
      },
      'the build forgives': {
        'src/ring.h': PEEK_H,
        'src/ring.c': RING + PEEK,
        Makefile: MAKE.replace('|| exit 1', '|| true'),
      },
      'a test is not built any more': {
        'src/ring.h': PEEK_H,
        'src/ring.c': RING + PEEK,
        Makefile: MAKE.replace('test_*.c', 'test_[!t]*.c'),
      },
      'an old test asks less': {
        'src/ring.h': PEEK_H,
        'src/ring.c': RING + PEEK,
        'test/test_ring.c': RING_TEST.replace('  assert(!ring_put(&r, 9));\n', ''),
      },
    },
  },
  {
    name: 'a defect mended in one expression',
    base: BASE,
    task: { title: 'Words end at tabs and line ends too', description: 'As isspace sees it.', files: ['src/text.c'] },
    frozen: {
      'test/test_white.c':
        '#include "text.h"\n#include <assert.h>\n\nint main(void) {\n  assert(count_words("a\\tb\\nc") == 3);\n  assert(count_words("\\n \\t") == 0);\n  assert(count_words("a\\r\\nb\\vc") == 3);\n  return 0;\n}\n',
    },
    good: { isspace: { 'src/text.c': SPACES } },
    bad: {
      nothing: {},
      'tabs only': { 'src/text.c': TEXT.replace("*text == ' '", "*text == ' ' || *text == '\\t'") },
      'counts the ends': {
        'src/text.c': SPACES.replace('inside = 0;\n', 'inside = 0, count++;\n'),
      },
      'only a word about it': { 'src/text.c': `/* Words end at white space. */\n${TEXT}` },
      'in the header of another': { 'src/ring.h': RING_H.replace('#endif\n', '#define count_words(text) 3\n#endif\n') },
      'the old test goes': { 'src/text.c': SPACES, 'test/test_text.c': 'int main(void) { return 0; }\n' },
    },
  },
]
