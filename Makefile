# Python 3.11+ and make are all that is needed. `make help` lists the targets.
PYTHON ?= python3
RUN = @command -v $(PYTHON) >/dev/null || { echo "找不到 $(PYTHON)，请安装 Python 3.11 或更高版本 / $(PYTHON) not found: install Python 3.11 or later" >&2; exit 1; }; \
  exec $(PYTHON) deploy/local/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: help demo up down status test check rules bench drill servers compose-check clean

help: ## 列出全部命令 / list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done

demo: ## 演示：两个年度从发布到排行（ONCE=1 结束后退出，CROWD=1 全省规模：28个单位、60个班、3000人，BREAK=<核对项> 证明核对会失败）/ the story on simulated time (ONCE=1 exits by itself, CROWD=1 beside a whole province, BREAK=<check> shows that a check can fail)
	$(RUN) demo

up: ## 按真实时间运行整个系统，数据保留；SHIPEI_GATEWAY_PORT=<端口> / run the system in real time, data kept
	$(RUN) up

down: ## 停止 up 和 demo / stop up and demo
	$(RUN) down

status: ## 什么在哪里运行 / what runs where
	$(RUN) status

test: ## 全部测试，真实的服务器；ARGS="-k 名称" / all tests on real servers
	$(RUN) test $(ARGS)

check: ## 格式、类型、依赖方向、生成的文档 / format, types, import contracts, generated documents
	$(RUN) check

rules: ## 规则与证明它的测试 / the rules and the tests that prove them
	$(RUN) rules

bench: ## 性能对比 / compare with bare versions
	$(RUN) bench $(ARGS)

drill: ## 演练：负载下备份，丢失数据目录，恢复并核对（4至9分钟）/ back up under load, lose the data, restore, compare (4 to 9 minutes)
	$(RUN) drill

servers: ## 只启动 PostgreSQL 和 Kafka，供开发时使用 / PostgreSQL and Kafka alone, for development
	$(RUN) servers

compose-check: ## 在容器中运行并检验整个系统，需要 Docker / the whole system in containers, put to the test; needs Docker
	$(RUN) compose_check

clean: ## 停止一切并删除 .shipei / stop everything and remove .shipei
	$(RUN) clean
