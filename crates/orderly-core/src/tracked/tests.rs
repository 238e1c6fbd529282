mod judging;
mod matching;
