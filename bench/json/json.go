// The peer of json.jan: Go's encoding/json, on the document that json.jan has written: json FILE.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"syscall"
)

func cpuSeconds() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)*1e-6
}

type User struct {
	ID             int64   `json:"id"`
	Name           string  `json:"name"`
	ScreenName     string  `json:"screen_name"`
	Location       *string `json:"location"`
	Description    string  `json:"description"`
	FollowersCount int64   `json:"followers_count"`
	FriendsCount   int64   `json:"friends_count"`
	Verified       bool    `json:"verified"`
	Lang           string  `json:"lang"`
}

type Hashtag struct {
	Text    string   `json:"text"`
	Indices [2]int64 `json:"indices"`
}

type Entities struct {
	Hashtags []Hashtag `json:"hashtags"`
	Urls     []string  `json:"urls"`
}

type Place struct {
	Name      string  `json:"name"`
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

type Status struct {
	CreatedAt       string   `json:"created_at"`
	ID              int64    `json:"id"`
	Text            string   `json:"text"`
	Source          string   `json:"source"`
	Truncated       bool     `json:"truncated"`
	InReplyToUserID *int64   `json:"in_reply_to_user_id"`
	User            User     `json:"user"`
	Place           *Place   `json:"place"`
	RetweetCount    int64    `json:"retweet_count"`
	FavoriteCount   int64    `json:"favorite_count"`
	Score           float64  `json:"score"`
	Entities        Entities `json:"entities"`
}

type Document struct {
	Statuses []Status `json:"statuses"`
	Count    int64    `json:"count"`
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func timed(name string, work func()) {
	start := cpuSeconds()
	work()
	fmt.Printf("TIME %s %.6f\n", name, cpuSeconds()-start)
}

// Without the escapes of HTML, which json.jan does not make either.
func encode(value any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	must(encoder.Encode(value))
	return out.Bytes()
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	must(err)
	var document Document
	timed("structs", func() { must(json.Unmarshal(text, &document)) })
	timed("encode", func() { encode(document) })
	var tree any
	timed("tree", func() { must(json.Unmarshal(text, &tree)) })
	timed("tree-text", func() { encode(tree) })
	sum := int64(0)
	for _, s := range document.Statuses {
		sum += s.RetweetCount + s.User.FollowersCount
	}
	fmt.Println("CHECK", sum)
}
