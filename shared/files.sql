-- name: put
insert into file (file_id, sha256, size, name, media_type, content, stored_at) values ($1, $2, $3, $4, $5, $6, $7)

-- name: describe
select file_id, sha256, size, name, media_type from file where file_id = $1

-- name: read
select content from file where file_id = $1
