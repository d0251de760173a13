// Two tables as CSV, sales and the cities they were in, and five queries whose answers plain arithmetic knows.

import { Chance, words } from "./texts.mjs";

const SEED = 11;
const FIRST_NAMES = ["Ana", "Bruno", "Clara", "David", "Emma", "Felix", "Greta", "Hugo", "Ines", "Jonas", "Karin", "Luis"];
const LAST_NAMES = ["Alves", "Berg", "Costa", "Dietrich", "Esteves", "Fischer", "Gomes", "Hansen", "Ivanova", "Jansen"];
const STATUSES = ["open", "paid", "shipped", "returned", "cancelled"];
const COUNTRIES = ["Austria", "Belgium", "Denmark", "France", "Germany", "Italy", "Portugal", "Spain"];
const CITIES_OF_COUNTRY = 6;
const SYLLABLES = ["Bel", "Cor", "Dam", "Fal", "Gran", "Hal", "Lin", "Mar", "Nor", "Ost", "Per", "Ros"];
const ENDINGS = ["burg", "holm", "ville", "ton"];
const FIRST_DAY = Date.UTC(2023, 0, 1);
const DAYS = 1095;
const DAY_MS = 86_400_000;
const NOTE_WORDS = 3;
/** One note in so many has the word that a query looks for. */
const RARITY = 40;

const COLUMNS = ["id", "name", "city", "date", "amount", "status", "email", "quantity", "rate", "note"];

/** What a row is worth in the queries below; the engines are asked the same in SQL. */
const IS_COUNTED = ({ status, quantity }) => status === "shipped" && quantity >= 10;
const IS_OF_SUMMER = ({ date }) => date >= "2024-03-01" && date <= "2024-09-30";
const IS_URGENT = ({ note }) => note.includes("urgent");
const LARGEST = 10;

export const QUERIES = [
  {
    title: "a count with a filter",
    sql: "SELECT count(*) FROM sales WHERE status = 'shipped' AND quantity >= 10",
    columns: ["status", "quantity"],
    answer: ({ sales }) => {
      const counted = sales.filter(IS_COUNTED);
      return [{ values: [counted.length], from: counted.length }];
    },
  },
  {
    title: "a sum for each city, sorted",
    sql: "SELECT city, sum(amount) AS total FROM sales GROUP BY city ORDER BY total DESC",
    columns: ["city", "amount"],
    answer: ({ sales }) => {
      const groups = groupsOf(sales, ({ city }) => city);
      const rows = groups.map(([city, rows]) => ({ values: [city, sumOf(rows, "amount")], from: rows.length }));
      return rows.sort((a, b) => b.values[1] - a.values[1]);
    },
  },
  {
    title: "the largest of each status between two dates",
    sql: "SELECT status, max(amount) AS largest FROM sales WHERE date BETWEEN '2024-03-01' AND '2024-09-30' GROUP BY status ORDER BY status",
    columns: ["status", "amount", "date"],
    answer: ({ sales }) => {
      const groups = groupsOf(sales.filter(IS_OF_SUMMER), ({ status }) => status);
      return byFirst(groups.map(([status, rows]) => ({ values: [status, Math.max(...rows.map(({ amount }) => amount))] })));
    },
  },
  {
    title: "a join with the cities, counted for each country",
    sql:
      "SELECT cities.country, count(*) AS sold, sum(sales.quantity) AS pieces FROM sales JOIN cities ON cities.city = sales.city " +
      "GROUP BY cities.country ORDER BY cities.country",
    columns: ["city", "quantity"],
    answer: ({ sales, cities }) => {
      const countries = new Map(cities.map(({ city, country }) => [city, country]));
      const groups = groupsOf(sales, ({ city }) => countries.get(city));
      return byFirst(groups.map(([country, rows]) => ({ values: [country, rows.length, sumOf(rows, "quantity")], from: rows.length })));
    },
  },
  {
    title: "the ten largest whose note has a word",
    sql: `SELECT id, name, amount FROM sales WHERE note LIKE '%urgent%' ORDER BY amount DESC, id LIMIT ${LARGEST}`,
    columns: ["amount", "note"],
    answer: ({ sales }) => {
      const found = sales.filter(IS_URGENT).sort((a, b) => b.amount - a.amount || a.id - b.id);
      return found.slice(0, LARGEST).map(({ id, name, amount }) => ({ values: [id, name, amount], from: 1 }));
    },
  },
];

/**
 * The tables of so many sales: `{ sales, cities }` as CSV, and the queries, each with its `answer`, rows of `values` in
 * order and how many sales each is `from`, and the `bytes` of the columns that it reads.
 */
export function makeTables(count) {
  const chance = new Chance(SEED);
  const cities = citiesOf(chance);
  const note = words(SEED);
  const sales = Array.from({ length: count }, (_, number) => saleOf(number, chance, cities, note));
  const lengths = Object.fromEntries(COLUMNS.map((column) => [column, 0]));
  for (const sale of sales) for (const column of COLUMNS) lengths[column] += textOf(sale[column]).length + 1;
  const queries = QUERIES.map(({ answer, columns, ...query }) => ({
    ...query,
    answer: answer({ sales, cities }),
    bytes: columns.reduce((sum, column) => sum + lengths[column], 0),
  }));
  return { sales: csvOf(COLUMNS, sales), cities: csvOf(["city", "country", "people"], cities), queries };
}

function citiesOf(chance) {
  const names = SYLLABLES.flatMap((syllable) => ENDINGS.map((ending) => syllable + ending));
  return names.map((city, number) => {
    const country = COUNTRIES[Math.floor(number / CITIES_OF_COUNTRY)];
    return { city, country, people: 20_000 + chance.below(2_000_000) };
  });
}

function saleOf(number, chance, cities, note) {
  const one = (list) => list[chance.below(list.length)];
  const [first, last] = [one(FIRST_NAMES), one(LAST_NAMES)];
  const said = note(NOTE_WORDS).replace(" ", ", ");
  return {
    id: number + 1,
    name: `${first} ${last}`,
    city: one(cities).city,
    date: new Date(FIRST_DAY + chance.below(DAYS) * DAY_MS).toISOString().slice(0, 10),
    amount: (100 + chance.below(500_000)) / 100,
    status: one(STATUSES),
    email: `${first}.${last}.${number + 1}@example.com`.toLowerCase(),
    quantity: 1 + chance.below(40),
    rate: chance.below(10_000) / 10_000,
    note: chance.below(RARITY) === 0 ? `${said}, urgent` : said,
  };
}

function groupsOf(rows, keyOf) {
  const groups = new Map();
  for (const row of rows) {
    const key = keyOf(row);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(row);
  }
  return [...groups];
}

const sumOf = (rows, column) => rows.reduce((sum, row) => sum + row[column], 0);
const byFirst = (rows) => rows.sort((a, b) => (a.values[0] < b.values[0] ? -1 : 1));

const textOf = (value) => (typeof value === "string" && value.includes(",") ? `"${value}"` : String(value));
const csvOf = (columns, rows) => [columns, ...rows.map((row) => columns.map((column) => textOf(row[column])))].map((cells) => `${cells.join(",")}\n`).join("");
