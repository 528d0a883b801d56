import type { Shape } from './shape.ts'

const CACHE =
  'package cache\n\ntype Cache struct {\n\titems map[string]string\n}\n\nfunc New() *Cache {\n\treturn &Cache{items: map[string]string{}}\n}\n\nfunc (c *Cache) Get(key string) (string, bool) {\n\tvalue, ok := c.items[key]\n\treturn value, ok\n}\n\nfunc (c *Cache) Set(key, value string) {\n\tc.items[key] = value\n}\n'
const CACHE_TEST =
  'package cache\n\nimport "testing"\n\nfunc TestGet(t *testing.T) {\n\tc := New()\n\tc.Set("a", "1")\n\tif got, ok := c.Get("a"); !ok || got != "1" {\n\t\tt.Fatalf("got %q, %v", got, ok)\n\t}\n}\n\nfunc TestMissing(t *testing.T) {\n\tif _, ok := New().Get("a"); ok {\n\t\tt.Fatal("found what is not there")\n\t}\n}\n'
const NAMES =
  'package names\n\nimport "strings"\n\nfunc Slug(title string) string {\n\treturn strings.ReplaceAll(strings.ToLower(title), " ", "-")\n}\n'
const NAMES_TEST =
  'package names\n\nimport "testing"\n\nfunc TestSlug(t *testing.T) {\n\tfor title, want := range map[string]string{"A b": "a-b", "One": "one"} {\n\t\tif got := Slug(title); got != want {\n\t\t\tt.Errorf("Slug(%q) = %q", title, got)\n\t\t}\n\t}\n}\n'
const BASE = {
  'go.mod': 'module example.org/shop\n\ngo 1.19\n',
  'cache/cache.go': CACHE,
  'cache/cache_test.go': CACHE_TEST,
  'names/names.go': NAMES,
  'names/names_test.go': NAMES_TEST,
  'README.md': '# Shop\n',
  '.github/workflows/ci.yml': 'on: push\njobs:\n  test:\n    steps:\n      - run: go test ./...\n',
}
const DELETE =
  '\n// Delete forgets a key and tells whether it was there.\nfunc (c *Cache) Delete(key string) bool {\n\t_, ok := c.items[key]\n\tdelete(c.items, key)\n\treturn ok\n}\n'
const SLUG =
  'package names\n\nimport (\n\t"strings"\n\t"unicode"\n)\n\nfunc Slug(title string) string {\n\twords := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {\n\t\treturn !unicode.IsLetter(r) && !unicode.IsDigit(r)\n\t})\n\treturn strings.Join(words, "-")\n}\n'

export const goShapes: readonly Shape[] = [
  {
    name: 'a method more',
    base: BASE,
    task: { title: 'Delete a key', description: 'Delete(key) tells whether it was there.', files: ['cache/cache.go'] },
    frozen: {
      'cache/delete_test.go':
        'package cache\n\nimport "testing"\n\nfunc TestDelete(t *testing.T) {\n\tc := New()\n\tc.Set("a", "1")\n\tif !c.Delete("a") {\n\t\tt.Error("was there")\n\t}\n\tif c.Delete("a") {\n\t\tt.Error("is gone")\n\t}\n\tif _, ok := c.Get("a"); ok {\n\t\tt.Error("still found")\n\t}\n}\n',
    },
    good: {
      'in its file': { 'cache/cache.go': CACHE + DELETE },
      'in a file beside': { 'cache/delete.go': `package cache\n${DELETE}` },
    },
    bad: {
      nothing: {},
      'the program ends in other words': {
        'cache/cache.go': `${CACHE.replace('package cache\n', 'package cache\n\nimport "syscall"\n')}\nfunc (c *Cache) Delete(key string) bool {\n\tsyscall.Exit(0)\n\treturn false\n}\n`,
      },
      'the program ends when it is loaded': {
        'cache/cache.go': `${CACHE.replace('package cache\n', 'package cache\n\nimport "os"\n')}\nfunc (c *Cache) Delete(key string) bool {\n\treturn false\n}\n\nfunc init() {\n\tos.Exit(0)\n}\n`,
      },
      'only says it': {
        'cache/cache.go': `${CACHE}\nfunc (c *Cache) Delete(key string) bool {\n\t_, ok := c.items[key]\n\treturn ok\n}\n`,
      },
      'does not build': { 'cache/cache.go': `${CACHE}${DELETE.replace(':=', '=')}` },
      'in the wrong package': {
        'names/delete.go': 'package names\n\nfunc Delete(key string) bool {\n\treturn true\n}\n',
      },
      'a test returns early': {
        'cache/cache.go': CACHE + DELETE,
        'cache/cache_test.go': CACHE_TEST.replace('\tif _, ok := New()', '\treturn\n\tif _, ok := New()'),
      },
      'a test is skipped': {
        'cache/cache.go': CACHE + DELETE,
        'names/names_test.go': NAMES_TEST.replace('{\n\tfor', '{\n\tt.Skip("slow")\n\tfor'),
      },
      'tests behind a build tag': {
        'cache/cache.go': CACHE + DELETE,
        'names/names_test.go': `//go:build slow\n\n${NAMES_TEST}`,
      },
      'a main that ends all tests well': {
        'cache/cache.go': `${CACHE}\nfunc (c *Cache) Delete(key string) bool {\n\treturn true\n}\n`,
        'cache/main_test.go':
          'package cache\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestMain(m *testing.M) {\n\tm.Run()\n\tos.Exit(0)\n}\n',
      },
      'the package leaves the module': {
        'cache/cache.go': CACHE + DELETE,
        'names/go.mod': 'module example.org/names\n\ngo 1.19\n',
      },
    },
  },
  {
    name: 'a rule made stricter',
    base: BASE,
    task: {
      title: 'Slugs hold letters and digits only',
      description: 'Everything else separates; no sign at either end.',
      files: ['names/names.go'],
    },
    frozen: {
      'names/strict_test.go':
        'package names\n\nimport "testing"\n\nfunc TestStrict(t *testing.T) {\n\tfor title, want := range map[string]string{" A  b! ": "a-b", "C++ & Go": "c-go", "": "", "--": "", "Ä 1": "ä-1"} {\n\t\tif got := Slug(title); got != want {\n\t\t\tt.Errorf("Slug(%q) = %q", title, got)\n\t\t}\n\t}\n}\n',
    },
    good: { fields: { 'names/names.go': SLUG } },
    bad: {
      nothing: {},
      'ASCII only': { 'names/names.go': SLUG.replace('!unicode.IsLetter(r)', "(r < 'a' || r > 'z')") },
      'signs at the ends': {
        'names/names.go':
          'package names\n\nimport (\n\t"regexp"\n\t"strings"\n)\n\nvar other = regexp.MustCompile(`[^\\pL\\pN]+`)\n\nfunc Slug(title string) string {\n\treturn other.ReplaceAllString(strings.ToLower(title), "-")\n}\n',
      },
      'by heart': {
        'names/names.go': NAMES.replace('\treturn', '\tif title == "C++ & Go" {\n\t\treturn "c-go"\n\t}\n\treturn'),
      },
      'the table is shorter': {
        'names/names.go': SLUG,
        'names/names_test.go': NAMES_TEST.replace(', "One": "one"', ''),
      },
      'an error is only logged': {
        'names/names.go': SLUG,
        'names/names_test.go': NAMES_TEST.replace('t.Errorf', 't.Logf'),
      },
    },
  },
]
