-- Questions to ask of exported exchanges. Delete what you do not want to know and add your own.

-- What was asked most, and how it went?
SELECT lower(trim(question, ' .?!')) AS question,
       count(*) AS asked,
       count(*) FILTER (outcome = 'answered') AS answered,
       count(*) FILTER (rating = 'up') AS up,
       count(*) FILTER (rating = 'down') AS down
FROM exchanges
WHERE question IS NOT NULL AND bot IS NULL
GROUP BY ALL
ORDER BY asked DESC, question
LIMIT 20;

-- What was asked and not answered?
SELECT question, outcome, count(*) AS asked, max(asked_at) AS last_asked
FROM exchanges
WHERE outcome IN ('unanswered', 'error') AND question IS NOT NULL AND bot IS NULL
GROUP BY ALL
ORDER BY asked DESC, last_asked DESC
LIMIT 20;

-- How did each day go?
SELECT day,
       count(*) AS exchanges,
       count(DISTINCT session) AS sessions,
       round(avg((outcome = 'answered')::DOUBLE), 3) AS share_answered,
       round(quantile_cont(total_ms, 0.5)) AS median_ms,
       round(quantile_cont(total_ms, 0.95)) AS p95_ms,
       round(sum(cost_usd), 4) AS cost_usd
FROM exchanges
WHERE outcome IS NOT NULL AND bot IS NULL
GROUP BY day
ORDER BY day;

-- Which sources were used in answers that visitors liked, and in those they did not?
SELECT source, count(*) AS used, count(*) FILTER (rating = 'up') AS up, count(*) FILTER (rating = 'down') AS down
FROM (SELECT unnest(sources) AS source, rating FROM exchanges)
GROUP BY source
ORDER BY used DESC, source
LIMIT 20;

-- What did visitors write?
SELECT rated_at, rating, comment, question
FROM exchanges
WHERE comment IS NOT NULL
ORDER BY rated_at DESC
LIMIT 20;
